#include "tenant/request_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>

namespace tenant {

RequestParser::RequestParser(Request& request) : request_(request) {
  request_.clear();
  header_limit(kMostHeaderBytes);
  body_limit(kMostBodyBytes);
  eager(true);
}

void RequestParser::on_request_impl(verb, string_view method_text, string_view target, int version,
                                    error_code&) {
  request_.method.assign(method_text.data(), method_text.size());
  request_.target.assign(target.data(), target.size());
  request_.http_1_0 = version < 11;
}

void RequestParser::on_response_impl(int, string_view, int, error_code&) {}

void RequestParser::on_field_impl(field name, string_view name_text, string_view value, error_code&) {
  if (name == field::host) {
    request_.host.assign(value.data(), value.size());
  } else if (name == field::authorization) {
    request_.authorization.assign(value.data(), value.size());
  } else if (boost::beast::iequals(name_text, "X-API-Key")) {
    request_.api_key.assign(value.data(), value.size());
  }
}

void RequestParser::on_header_impl(error_code&) {
  request_.keep_alive = keep_alive();
}

void RequestParser::on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) {}

std::size_t RequestParser::on_body_impl(string_view body, error_code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t, string_view, error_code&) {}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view body, error_code&) {
  request_.body.append(body.data(), body.size());
  return body.size();
}

void RequestParser::on_finish_impl(error_code&) {}

}  // namespace tenant
