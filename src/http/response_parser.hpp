#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "http/request.hpp"

namespace baton::http {

/// Beast's parser of an HTTP/1.1 response, writing straight into a `Response`: one block of memory for all
/// fields, one for the body. Private to the room; include it in one .cpp only.
class ResponseParser final : public boost::beast::http::basic_parser<false> {
 public:
  using ErrorCode = boost::beast::error_code;

  explicit ResponseParser(Response& response) : response_(response) {}

  /// `put` for what follows the head; as there, `need_more` wants more bytes before it is called again.
  ///
  /// An empty chunked body whose last five bytes come one by one would fail an assertion in Beast 1.81
  /// (`parse_chunk_header`, `n >= 5`), which ends the process: a service must not be able to do that. No
  /// chunked body is shorter.
  std::size_t put_body(boost::asio::const_buffer bytes, ErrorCode& error) {
    constexpr std::size_t kShortestChunked = 5;
    if (chunked() && !chunk_begun_ && bytes.size() < kShortestChunked) {
      error = boost::beast::http::error::need_more;
      return 0;
    }
    return put(bytes, error);
  }

 private:
  using View = boost::beast::string_view;
  using Verb = boost::beast::http::verb;
  using Field = boost::beast::http::field;

  static std::string_view std_view(View view) { return std::string_view(view.data(), view.size()); }

  void on_request_impl(Verb, View, View, int, ErrorCode&) override {}
  void on_response_impl(int code, View, int, ErrorCode&) override { response_.status = code; }
  void on_field_impl(Field, View name, View value, ErrorCode&) override {
    response_.headers.add(std_view(name), std_view(value));
  }
  void on_header_impl(ErrorCode&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
  std::size_t on_body_impl(View bytes, ErrorCode& error) override { return keep(bytes, error); }
  void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override { chunk_begun_ = true; }
  std::size_t on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& error) override {
    return keep(bytes, error);
  }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t keep(View bytes, ErrorCode& error) {
    if (!response_.body.append(std_view(bytes))) {
      error = make_error_code(boost::system::errc::not_enough_memory);
      return 0;
    }
    return bytes.size();
  }

  Response& response_;
  bool chunk_begun_ = false;
};

}  // namespace baton::http
