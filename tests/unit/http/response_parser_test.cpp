#include "http/response_parser.hpp"

#include <string>

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>

namespace baton::http {
namespace {

/// What comes of a response that arrives in pieces of this size, its body by `put_body`.
std::string parsed(std::string_view text, std::size_t piece) {
  Response response;
  ResponseParser parser(response);
  std::string input;
  for (std::size_t at = 0; at < text.size() && !parser.is_done(); at += piece) {
    input += text.substr(at, piece);
    while (!parser.is_done() && !input.empty()) {
      ResponseParser::ErrorCode error;
      const bool in_body = parser.is_header_done();
      if (in_body) parser.eager(true);
      const auto bytes = boost::asio::buffer(input);
      input.erase(0, in_body ? parser.put_body(bytes, error) : parser.put(bytes, error));
      if (error == boost::beast::http::error::need_more) break;
      if (error) return error.message();
    }
  }
  return (parser.is_done() ? "whole " : "part ") + std::string(response.body.view());
}

TEST(ResponseParser, ChunksMayComeInAnyPieces) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t piece = 1; piece < 80; ++piece) {
    // Beast 1.81 asserts five bytes of an empty body at once.
    EXPECT_EQ(parsed(head + "0\r\n\r\n", piece), "whole ") << piece;
    EXPECT_EQ(parsed(head + "0;a=b\r\nX: y\r\n\r\n", piece), "whole ") << piece;
    EXPECT_EQ(parsed(head + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", piece), "whole abcd") << piece;
    EXPECT_EQ(parsed(head + "0\r\n", piece), "part ") << piece;
  }
}

}  // namespace
}  // namespace baton::http
