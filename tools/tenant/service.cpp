#include "tenant/service.hpp"

#include <algorithm>
#include <utility>

#include "tenant/hash.hpp"
#include "tenant/text.hpp"

namespace tenant {
namespace {

constexpr std::size_t kStaticPageBytes = 50'000;
constexpr int kFaultRetryAfterSeconds = 1;

struct ListPath {
  std::string_view path;
  Kind kind;
  Route route;
};

constexpr ListPath kLists[] = {
    {"/v1/users", Kind::kUsers, Route::kUsers},
    {"/v1/groups", Kind::kGroups, Route::kGroups},
    {"/v1/roles", Kind::kRoles, Route::kRoles},
    {"/v1/apps", Kind::kApps, Route::kApps},
};

constexpr std::pair<std::string_view, Kind> kTruths[] = {
    {"users", Kind::kUsers}, {"groups", Kind::kGroups},   {"roles", Kind::kRoles},
    {"apps", Kind::kApps},   {"members", Kind::kMembers}, {"assignments", Kind::kAssignments},
};

// The value of a parameter, as it stands in the query; empty if it is not there.
std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
  }
  return {};
}

// Whether a Host field may be repeated inside a Link field.
bool is_plain_host(std::string_view host) {
  static constexpr std::string_view kMarks = ".-:[]_";
  return !host.empty() && host.size() <= 255 && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

void append_field(std::string& headers, std::string_view name, std::uint64_t value) {
  headers.append(name).append(": ").append(std::to_string(value)).append("\r\n");
}

std::string decimal_seconds(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration<double>(duration).count());
}

// A page of users for clients that measure themselves: it is the same whatever the tenant's options are.
std::string make_static_page() {
  const Directory directory(workload_s());
  const RowWriter rows(directory);
  JsonBuffer out;
  out.append("{\"items\":[");
  std::size_t end = out.size();
  constexpr std::string_view kTail = "],\"next\":null}";
  for (std::uint64_t i = 0; i < directory.count(Kind::kUsers); ++i) {
    rows.write(Kind::kUsers, i, i + 1, ',', out);
    if (out.size() - 1 + kTail.size() > kStaticPageBytes) break;
    end = out.size();
  }
  out.truncate(end - 1);
  out.append(kTail);
  return std::string(out.view());
}

}  // namespace

void Request::clear() {
  method.clear();
  target.clear();
  host.clear();
  authorization.clear();
  api_key.clear();
  body.clear();
  keep_alive = true;
  http_1_0 = false;
}

void Reply::clear() {
  sequence = 0;
  status = 200;
  route = Route::kUnknown;
  headers.clear();
  content_type = "application/json";
  body.clear();
  shared_body = {};
  stream.reset();
  delivery = Delivery::kWhole;
  delay = std::chrono::nanoseconds(0);
  rows = 0;
  fault = {};
}

Service::Service(const Options& options, RequestLog& log)
    : directory_(options.shape),
      rows_(directory_),
      pager_(options.paging, options.page_size, options.shape.seed),
      faults_(FaultSchedule::parse(options.faults).value()),
      limiter_(options.rate_limit, options.rate_window, options.rate_style),
      rate_headers_(options.rate_headers),
      rate_window_(options.rate_window),
      gatekeeper_(options),
      log_(log),
      scheme_(options.tls_cert.empty() ? "http://" : "https://"),
      static_page_(make_static_page()),
      latency_(options.latency),
      jitter_(options.jitter),
      jitter_key_(stream_key(options.shape.seed, Stream::kJitter)) {}

void Service::fail(int status, std::string_view message, Reply& reply) {
  reply.status = status;
  reply.rows = 0;
  reply.body.clear();
  reply.body.append("{\"error\":{\"message\":\"");
  reply.body.append(json_escape(message));
  reply.body.append("\"}}");
}

void Service::refuse(int status, std::string_view message, Reply& reply) {
  reply.clear();
  fail(status, message, reply);
}

void Service::handle(const Request& request, Clock::time_point now, Reply& reply) {
  reply.clear();
  reply.sequence = ++sequence_;
  const std::string_view target = request.target;
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  const std::string_view query = target.substr(std::min(target.size(), mark + 1));
  if (path == "/oauth/token") {
    answer_token(request, reply);
  } else if (path == "/static" || path.starts_with("/admin/")) {
    handle_admin(request.method, path, query, reply);
  } else {
    counters_.request_started();
    handle_api(request, path, query, now, reply);
  }
}

void Service::finish(const Request& request, const Reply& reply, std::uint64_t bytes) {
  const int status = reply.delivery == Delivery::kReset ? 0 : reply.status;
  if (reply.route != Route::kAdmin && reply.route != Route::kStatic) counters_.request_finished();
  counters_.answered(reply.route, status, reply.rows);
  counters_.sent(bytes);
  log_.add(reply.sequence, request.method, request.target, status, reply.fault);
}

void Service::handle_admin(std::string_view method, std::string_view path, std::string_view query,
                           Reply& reply) {
  reply.route = path == "/static" ? Route::kStatic : Route::kAdmin;
  const bool reset = path == "/admin/reset";
  if (method != (reset ? "POST" : "GET")) {
    reply.headers.append(reset ? "Allow: POST\r\n" : "Allow: GET\r\n");
    fail(405, reset ? "use POST" : "use GET", reply);
  } else if (path == "/static") {
    reply.shared_body = static_page_;
  } else if (reset) {
    counters_.reset();
    limiter_.reset();
    gatekeeper_.reset();
    faults_.reset();
    reply.body.append("{\"ok\":true}");
  } else if (path == "/admin/counters") {
    log_.flush();
    reply.body.append(counters_.json());
  } else if (path == "/admin/truth") {
    answer_truth(query, reply);
  } else if (path == "/admin/earliest") {
    answer_earliest(query, reply);
  } else {
    fail(404, "no such path", reply);
  }
}

void Service::answer_truth(std::string_view query, Reply& reply) {
  const std::string_view name = parameter(query, "kind");
  for (const auto& [text, kind] : kTruths) {
    if (text != name) continue;
    reply.content_type = "application/x-ndjson";
    reply.stream.emplace(rows_, kind);
    return;
  }
  fail(400, "kind must be users, groups, roles, apps, members or assignments", reply);
}

void Service::answer_earliest(std::string_view query, Reply& reply) {
  constexpr std::uint64_t kMostRequests = 1'000'000'000'000;
  const auto requests = parse_number(parameter(query, "n"));
  if (!requests || *requests > kMostRequests) return fail(400, "n must be a number of requests", reply);
  reply.body.append("{\"requests\":" + std::to_string(*requests) +
                    ",\"seconds\":" + decimal_seconds(limiter_.earliest_finish(*requests)) + "}");
}

void Service::handle_api(const Request& request, std::string_view path, std::string_view query,
                         Clock::time_point now, Reply& reply) {
  reply.delay = latency_;
  if (jitter_.count() > 0) {
    const auto share = static_cast<std::int64_t>(draw(jitter_key_, reply.sequence) >> 32);
    reply.delay += std::chrono::nanoseconds(jitter_.count() / 1000 * share / 0xffffffff * 1000);
  }
  if (!gatekeeper_.admits(request.authorization,
                          request.api_key.empty() ? parameter(query, "api_key") : request.api_key)) {
    reply.headers.append("WWW-Authenticate: Bearer\r\n");
    return fail(401, "a valid token is required", reply);
  }
  if (limiter_.enabled()) {
    const Limiter::Verdict verdict = limiter_.admit(now);
    tell_limit(verdict, reply);
    if (!verdict.admitted) {
      counters_.refused();
      if (rate_headers_ != RateHeaders::kNone) {
        append_field(reply.headers, "Retry-After", static_cast<std::uint64_t>(verdict.again.count()));
      }
      return fail(429, "rate limit exceeded", reply);
    }
  }
  const Fault* fault = faults_.next(path);
  const std::size_t own_headers = reply.headers.size();
  answer_route(request, path, query, reply);
  if (fault == nullptr) return;
  // An error in place of the answer has no link to the next page.
  if (fault->kind == Fault::Kind::kAnswer) reply.headers.resize(own_headers);
  spoil(*fault, reply);
}

void Service::tell_limit(const Limiter::Verdict& verdict, Reply& reply) const {
  const auto reset = static_cast<std::uint64_t>(verdict.reset.count());
  if (rate_headers_ == RateHeaders::kX) {
    append_field(reply.headers, "X-RateLimit-Limit", verdict.limit);
    append_field(reply.headers, "X-RateLimit-Remaining", verdict.remaining);
    append_field(reply.headers, "X-RateLimit-Reset", reset);
  } else if (rate_headers_ == RateHeaders::kIetf) {
    const auto window = std::chrono::ceil<std::chrono::seconds>(rate_window_).count();
    reply.headers.append("RateLimit-Policy: \"default\";q=" + std::to_string(verdict.limit) +
                         ";w=" + std::to_string(window) + "\r\n");
    reply.headers.append("RateLimit: \"default\";r=" + std::to_string(verdict.remaining) +
                         ";t=" + std::to_string(reset) + "\r\n");
  }
}

void Service::answer_token(const Request& request, Reply& reply) {
  reply.route = Route::kAdmin;
  if (request.method != "POST") {
    reply.headers.append("Allow: POST\r\n");
    return fail(405, "use POST", reply);
  }
  const Gatekeeper::Answer answer = gatekeeper_.answer_token(request.authorization, request.body);
  reply.status = answer.status;
  reply.headers.append("Cache-Control: no-store\r\n");
  reply.body.append(answer.json);
}

void Service::spoil(const Fault& fault, Reply& reply) {
  reply.fault = fault.name;
  counters_.faulted(fault.name);
  switch (fault.kind) {
    case Fault::Kind::kAnswer:
      if (fault.retry_after) append_field(reply.headers, "Retry-After", kFaultRetryAfterSeconds);
      fail(fault.status, "simulated fault", reply);
      break;
    case Fault::Kind::kReset:
      reply.delivery = Delivery::kReset;
      break;
    case Fault::Kind::kTruncate:
      reply.delivery = Delivery::kTruncate;
      break;
    case Fault::Kind::kEndless:
      reply.delivery = Delivery::kEndless;
      break;
    case Fault::Kind::kSlow:
      reply.delivery = Delivery::kSlow;
      return;
    case Fault::Kind::kMalformed:
      // Half the answer and a bracket of the wrong kind: no parser can take it for a whole document.
      reply.status = 200;
      reply.body.truncate(reply.body.size() / 2);
      reply.body.append("}]<");
      break;
  }
  reply.rows = 0;
}

void Service::answer_route(const Request& request, std::string_view path, std::string_view query,
                           Reply& reply) {
  if (request.method != "GET") {
    reply.headers.append("Allow: GET\r\n");
    return fail(405, "use GET", reply);
  }
  for (const ListPath& list : kLists) {
    if (path != list.path) continue;
    reply.route = list.route;
    return answer_page(Collection{list.kind, 0, directory_.count(list.kind)}, nullptr, path, query, request,
                       reply);
  }
  if (path == "/v1/ping") {
    reply.route = Route::kPing;
    reply.body.append("{\"ok\":true}");
    return;
  }
  answer_owned(path, query, request, reply);
}

void Service::answer_owned(std::string_view path, std::string_view query, const Request& request,
                           Reply& reply) {
  constexpr std::string_view kGroups = "/v1/groups/";
  constexpr std::string_view kMembers = "/members";
  constexpr std::string_view kRoles = "/v1/roles/";
  constexpr std::string_view kAssignments = "/assignments";
  const bool members = path.starts_with(kGroups) && path.ends_with(kMembers);
  const bool assignments = path.starts_with(kRoles) && path.ends_with(kAssignments);
  if (!members && !assignments) return fail(404, "no such path", reply);
  const std::size_t prefix = (members ? kGroups : kRoles).size();
  const std::size_t around = prefix + (members ? kMembers : kAssignments).size();
  if (path.size() <= around) return fail(404, "no such path", reply);
  reply.route = members ? Route::kMembers : Route::kAssignments;
  const auto owner =
      (members ? rows_.groups() : rows_.roles()).parse(path.substr(prefix, path.size() - around));
  if (!owner) return fail(404, members ? "no such group" : "no such role", reply);
  const PrincipalList list = members ? directory_.members(*owner) : directory_.assignments(*owner);
  const Collection collection{members ? Kind::kMembers : Kind::kAssignments, *owner, list.size()};
  answer_page(collection, &list, path, query, request, reply);
}

void Service::answer_page(const Collection& collection, const PrincipalList* list, std::string_view path,
                          std::string_view query, const Request& request, Reply& reply) {
  const auto range = pager_.parse(query, collection);
  if (!range.ok()) {
    const auto message = range.status().message();
    return fail(400, std::string_view(message.data(), message.size()), reply);
  }
  JsonBuffer& body = reply.body;
  body.append("{\"items\":[");
  if (list != nullptr) {
    rows_.write(*list, range->begin, range->end, {}, ',', body);
  } else {
    rows_.write(collection.kind, range->begin, range->end, ',', body);
  }
  reply.rows = range->end - range->begin;
  if (reply.rows > 0) body.truncate(body.size() - 1);
  const bool more = range->end < collection.total;
  switch (pager_.style()) {
    case PagingStyle::kCursor:
      if (more) {
        body.append("],\"next\":\"");
        body.append(pager_.token(range->end, collection));
        body.append("\"}");
      } else {
        body.append("],\"next\":null}");
      }
      break;
    case PagingStyle::kOffset:
      body.append("],\"total\":" + std::to_string(collection.total) +
                  ",\"offset\":" + std::to_string(range->begin) + "}");
      break;
    case PagingStyle::kLink:
      body.append("]}");
      if (more) {
        reply.headers.append("Link: <");
        if (is_plain_host(request.host)) {
          reply.headers.append(scheme_).append(request.host);
        } else {
          reply.headers.append(base_url_);
        }
        reply.headers.append(path).append("?cursor=").append(pager_.token(range->end, collection));
        reply.headers.append("&limit=").append(std::to_string(range->limit)).append(">; rel=\"next\"\r\n");
      }
      break;
  }
}

}  // namespace tenant
