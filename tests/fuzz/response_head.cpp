/// Response heads and bodies as they come from the wire: the same whatever pieces they come in, and read for
/// links and limits.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include "fuzz/require.hpp"
#include "http/link_header.hpp"
#include "http/rate_limit_headers.hpp"
#include "http/request.hpp"
#include "http/response_parser.hpp"

namespace {

using namespace baton;

constexpr std::uint32_t kHeaderLimit = 4096;
constexpr std::uint64_t kBodyLimit = 65536;

/// How a parse ended.
class End {
 public:
  http::Response response;
  bool failed = false;
  bool head = false;
  bool whole = false;
};

/// Feeds the parser as a connection does: after `need_more` only with more bytes.
void parse(std::string_view text, std::size_t piece, End& end) {
  http::ResponseParser parser(end.response);
  parser.header_limit(kHeaderLimit);
  parser.body_limit(kBodyLimit);
  std::string input;
  std::size_t fed = 0;
  while (!parser.is_done() && !end.failed) {
    boost::system::error_code error;
    const bool in_body = parser.is_header_done();
    if (in_body) parser.eager(true);
    const boost::asio::const_buffer bytes = boost::asio::buffer(input);
    const std::size_t used = input.empty() ? 0
                             : in_body     ? parser.put_body(bytes, error)
                                           : parser.put(bytes, error);
    input.erase(0, used);
    const bool more = input.empty() || error == boost::beast::http::error::need_more;
    end.failed = error && error != boost::beast::http::error::need_more;
    if (end.failed || !more) continue;
    if (fed == text.size() || input.size() > 2 * kBodyLimit) break;
    input.append(text.substr(fed, piece));
    fed = std::min(text.size(), fed + piece);
  }
  end.head = parser.is_header_done();
  end.whole = parser.is_done();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  End whole;
  parse(text, text.size() + 1, whole);
  fuzz::require(whole.response.body.size() <= kBodyLimit, "a body keeps its limit");
  End pieces;
  parse(text, size % 7 + 1, pieces);
  if (whole.whole && pieces.whole) {
    fuzz::require(whole.response.status == pieces.response.status,
                  "the status does not depend on the pieces");
    fuzz::require(whole.response.body.view() == pieces.response.body.view(), "nor does the body");
    fuzz::require(whole.response.headers.size() == pieces.response.headers.size(), "nor do the fields");
  }
  if (whole.head) {
    const http::Headers& headers = whole.response.headers;
    for (std::size_t i = 0; i < headers.size(); ++i) {
      fuzz::require(http::is_valid_field(headers.name_at(i), headers.value_at(i)),
                    "a field could be sent again");
    }
    (void)http::find_link(headers, "next");
    (void)http::read_rate_limit(whole.response.status, headers, std::chrono::system_clock::time_point{});
  }
  return 0;
}
