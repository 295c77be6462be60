#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include "tenant/service.hpp"

namespace tenant {

/// Beast's HTTP/1 parser, keeping only what a Request holds: nothing is allocated once the strings of a
/// reused Request have grown. Header and body are bounded.
class RequestParser : public boost::beast::http::basic_parser<true> {
 public:
  static constexpr std::uint32_t kMostHeaderBytes = 16 * 1024;
  static constexpr std::uint64_t kMostBodyBytes = 64 * 1024;

  /// Clears `request` and fills it as bytes are put. Keeps a reference.
  explicit RequestParser(Request& request);

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;
  using field = boost::beast::http::field;
  using verb = boost::beast::http::verb;

  void on_request_impl(verb method, string_view method_text, string_view target, int version,
                       error_code& error) override;
  void on_response_impl(int code, string_view reason, int version, error_code& error) override;
  void on_field_impl(field name, string_view name_text, string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& error) override;
  std::size_t on_body_impl(string_view body, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view body, error_code& error) override;
  void on_finish_impl(error_code& error) override;

  Request& request_;
};

}  // namespace tenant
