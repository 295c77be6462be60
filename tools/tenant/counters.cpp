#include "tenant/counters.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "tenant/text.hpp"

namespace tenant {
namespace {

void field(std::string& out, std::string_view name, std::uint64_t value) {
  out.append("\"").append(name).append("\":").append(std::to_string(value)).append(",");
}

// Turns the comma behind the last field into the end of its object.
void close_object(std::string& out) {
  if (out.back() == ',') out.pop_back();
  out += '}';
}

std::string cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return std::to_string(seconds(usage.ru_utime) + seconds(usage.ru_stime));
}

}  // namespace

std::string_view route_name(Route route) {
  static constexpr std::array<std::string_view, kRouteCount> kNames = {
      "users", "groups", "roles", "apps", "members", "assignments", "ping", "unknown", "static", "admin"};
  return kNames[static_cast<std::size_t>(route)];
}

void Counters::connection_opened() {
  ++connections_;
  most_open_ = std::max(most_open_, ++open_);
}

void Counters::request_started() {
  ++requests_;
  most_in_flight_ = std::max(most_in_flight_, ++in_flight_);
}

void Counters::answered(Route route, int status, std::uint64_t rows) {
  ++by_route_[static_cast<std::size_t>(route)][status];
  rows_ += rows;
}

void Counters::reset() {
  Counters fresh;
  fresh.open_ = fresh.most_open_ = open_;
  fresh.in_flight_ = fresh.most_in_flight_ = in_flight_;
  *this = std::move(fresh);
}

std::string Counters::json() const {
  std::string out = "{\"connections\":{";
  field(out, "accepted", connections_);
  field(out, "open", open_);
  field(out, "most_open", most_open_);
  close_object(out);
  out += ",\"requests\":{";
  field(out, "total", requests_);
  field(out, "in_flight", in_flight_);
  field(out, "most_in_flight", most_in_flight_);
  out += "\"by_route\":{";
  for (std::size_t i = 0; i < kRouteCount; ++i) {
    if (by_route_[i].empty()) continue;
    out.append("\"").append(route_name(static_cast<Route>(i))).append("\":{");
    for (const auto& [status, count] : by_route_[i])
      field(out, status == 0 ? std::string("none") : std::to_string(status), count);
    close_object(out);
    out += ',';
  }
  close_object(out);
  out += "},\"faults\":{";
  for (const auto& [name, count] : faults_) field(out, json_escape(name), count);
  close_object(out);
  out += ',';
  field(out, "refusals", refusals_);
  field(out, "rows", rows_);
  field(out, "bytes", bytes_);
  out.append("\"cpu_seconds\":").append(cpu_seconds()).append("}");
  return out;
}

}  // namespace tenant
