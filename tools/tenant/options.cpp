#include "tenant/options.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

#include "tenant/faults.hpp"
#include "tenant/text.hpp"

namespace tenant {
namespace {

// Longer than any test wants to wait, and well below the time after which a silent connection is closed.
constexpr std::chrono::seconds kLongestDelay(60);

absl::Status bad(const std::string& message) {
  return absl::InvalidArgumentError(absl::string_view(message.data(), message.size()));
}

// CLI11 speaks exceptions; this one carries our own message out of its callbacks.
CLI::ValidationError bad_value(const std::string& flag, const std::string& text,
                               const std::string& expected) {
  return CLI::ValidationError(flag + ": \"" + text.substr(0, 80) + "\" is not " + expected);
}

void add_count(CLI::App& app, const std::string& flag, std::uint64_t& target, const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [&target, flag](const std::string& text) {
           const auto number = parse_number(text);
           if (!number) throw bad_value(flag, text, "a number from 0");
           target = *number;
         },
         help + " [" + std::to_string(target) + "]")
      ->type_name("N");
}

void add_duration(CLI::App& app, const std::string& flag, std::chrono::nanoseconds& target,
                  std::chrono::nanoseconds bare_unit, const std::string& help) {
  app.add_option_function<std::string>(
         flag,
         [&target, bare_unit, flag](const std::string& text) {
           const auto duration = parse_duration(text, bare_unit);
           if (!duration) throw bad_value(flag, text, "a duration such as 50ms or 1.5s");
           target = *duration;
         },
         help)
      ->type_name("TIME");
}

std::optional<RateHeaders> parse_rate_headers(std::string_view text) {
  if (text == "x") return RateHeaders::kX;
  if (text == "ietf") return RateHeaders::kIetf;
  if (text == "retry-after") return RateHeaders::kRetryAfter;
  if (text == "none") return RateHeaders::kNone;
  return std::nullopt;
}

// The preset has to be in place before the flags that override parts of it.
Shape find_workload(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg == "--workload=L" ||
        (arg == "--workload" && i + 1 < argc && std::string_view(argv[i + 1]) == "L"))
      return workload_l();
  }
  return workload_s();
}

void add_flags(CLI::App& app, Options& options) {
  Shape& shape = options.shape;
  app.add_option_function<std::string>(
         "--workload",
         [](const std::string& text) {
           if (text != "S" && text != "L") throw bad_value("--workload", text, "S or L");
         },
         "Sizes to start from: S (20,000 users, 1,000 groups of 50, 100 roles) or L (100,000 users, 5,000 "
         "groups of "
         "200, 500 roles); flags below override parts [S]")
      ->type_name("S|L");
  add_count(app, "--seed", shape.seed, "Seed of everything that looks random");
  add_count(app, "--users", shape.users, "Users");
  add_count(app, "--groups", shape.groups, "Groups");
  add_count(app, "--members", shape.members, "Members of each group");
  add_count(app, "--roles", shape.roles, "Roles");
  add_count(app, "--assignments", shape.assignments, "Groups each role is assigned to");
  add_count(app, "--role-users", shape.role_users, "Users each role is assigned to directly");
  add_count(app, "--nesting", shape.nesting,
            "Every N-th group's first member is the group before it; 0: none");
  app.add_option("--cycles", shape.cycles,
                 "Share of the nested groups that form a loop with the group before [0]")
      ->type_name("0..1");
  add_count(app, "--apps", shape.apps, "Apps, the parents of roles");
  app.add_option_function<std::string>(
         "--paging",
         [&options](const std::string& text) {
           const auto style = parse_paging(text);
           if (!style) throw bad_value("--paging", text, "cursor, offset or link");
           options.paging = *style;
         },
         "How lists are paged: cursor, offset or link [cursor]")
      ->type_name("STYLE");
  add_count(app, "--page-size", options.page_size, "Rows of a page unless the request has a limit");
  app.add_option("--host", options.host, "Address to listen on [127.0.0.1]")->type_name("ADDRESS");
  app.add_option("--port", options.port, "Port to listen on; 0: any free one, printed at start [0]")
      ->type_name("PORT");
  add_duration(app, "--latency", options.latency, std::chrono::milliseconds(1),
               "Time every answer under /v1 takes; a bare number is in milliseconds [0]");
  add_duration(app, "--jitter", options.jitter, std::chrono::milliseconds(1),
               "Up to this much more, at random [0]");
  add_count(app, "--rate-limit", options.rate_limit, "Requests per window; 0: unlimited");
  add_duration(app, "--rate-window", options.rate_window, std::chrono::seconds(1),
               "Length of a window; a bare number is in seconds [1s]");
  app.add_option_function<std::string>(
         "--rate-style",
         [&options](const std::string& text) {
           if (text != "window" && text != "bucket")
             throw bad_value("--rate-style", text, "window or bucket");
           options.rate_style = text == "bucket" ? LimitStyle::kBucket : LimitStyle::kWindow;
         },
         "A budget that is new in each window, or one that refills all the time: window or bucket [window]")
      ->type_name("STYLE");
  app.add_option_function<std::string>(
         "--rate-headers",
         [&options](const std::string& text) {
           const auto headers = parse_rate_headers(text);
           if (!headers) throw bad_value("--rate-headers", text, "x, ietf, retry-after or none");
           options.rate_headers = *headers;
         },
         "How answers tell of the limit: x (X-RateLimit-*), ietf (RateLimit, RateLimit-Policy), retry-after "
         "(refusals only) or none [x]")
      ->type_name("KIND");
  app.add_option(
         "--faults", options.faults,
         "Faults by schedule, e.g. 500@every:50,429@at:17,503@path:/v1/users:first:3; kinds: 400 to 599, "
         "429-noretry, reset, truncate, malformed, slow, endless")
      ->type_name("LIST");
  add_duration(app, "--slow-pause", options.slow_pause, std::chrono::milliseconds(1),
               "Pause between the pieces of a slow body [20ms]");
  app.add_option("--tls-cert", options.tls_cert, "Certificate chain (PEM); serves TLS")->type_name("FILE");
  app.add_option("--tls-key", options.tls_key, "Private key of the certificate (PEM)")->type_name("FILE");
  app.add_option("--log", options.log, "Write one line per request: sequence, method, target, status")
      ->type_name("FILE");
  app.add_option("--token", options.token, "Answer 401 under /v1 without Authorization: Bearer TOKEN")
      ->type_name("TOKEN");
  app.add_option("--basic", options.basic, "Take Authorization: Basic with this user and password")
      ->type_name("USER:PASSWORD");
  app.add_option("--api-key", options.api_key, "Take this key as X-API-Key, or as the parameter api_key")
      ->type_name("KEY");
  app.add_option("--oauth-client", options.oauth_client,
                 "Give out tokens at POST /oauth/token to this client (client_credentials)")
      ->type_name("ID:SECRET");
  app.add_option("--oauth-refresh", options.oauth_refresh, "Give out tokens for this refresh token, too")
      ->type_name("TOKEN");
  app.add_option("--oauth-jwt-key", options.oauth_jwt_key,
                 "Give out tokens for assertions that this public key (PEM) verifies: RS256 or ES256")
      ->type_name("FILE");
  add_count(app, "--token-uses", options.token_uses, "Requests that such a token is good for; 0: any number");
  app.add_option("--tls-client-ca", options.tls_client_ca,
                 "Demand client certificates signed by this CA (PEM)")
      ->type_name("FILE");
}

}  // namespace

absl::Status check_options(const Options& options) {
  if (absl::Status shape = check_shape(options.shape); !shape.ok()) return shape;
  if (options.page_size == 0 || options.page_size > kLargestPage)
    return bad("--page-size is from 1 to " + std::to_string(kLargestPage));
  if (options.latency + options.jitter > kLongestDelay)
    return bad("--latency and --jitter are at most 60s together");
  if (options.slow_pause > kLongestDelay) return bad("--slow-pause is at most 60s");
  if (options.rate_window <= std::chrono::nanoseconds(0)) return bad("--rate-window must be longer than 0");
  if (options.tls_cert.empty() != options.tls_key.empty()) return bad("--tls-cert and --tls-key go together");
  if (!options.tls_client_ca.empty() && options.tls_cert.empty())
    return bad("--tls-client-ca needs --tls-cert and --tls-key");
  if (!options.oauth_client.empty() && options.oauth_client.find(':') == std::string::npos)
    return bad("--oauth-client is ID:SECRET");
  if (auto faults = FaultSchedule::parse(options.faults); !faults.ok()) return faults.status();
  return absl::OkStatus();
}

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  line.options.shape = find_workload(argc, argv);
  CLI::App app(
      "A simulated tenant: users, nested groups, roles, apps and assignments over HTTP, made from a seed.",
      "baton-tenant");
  app.set_version_flag("--version", std::string("baton-tenant ") + BATON_VERSION);
  std::string problem;
  try {
    add_flags(app, line.options);
    app.parse(argc, argv);
    if (const absl::Status status = check_options(line.options); !status.ok())
      problem = std::string(status.message().data(), status.message().size());
  } catch (const CLI::CallForHelp&) {
    line.exit_code = 0;
    line.text = app.help();
    return line;
  } catch (const CLI::CallForVersion& e) {
    line.exit_code = 0;
    line.text = std::string(e.what()) + "\n";
    return line;
  } catch (const CLI::Error& e) {
    problem = e.what();
  }
  if (!problem.empty()) {
    std::replace(problem.begin(), problem.end(), '\n', ' ');
    line.exit_code = 2;
    line.text = "baton-tenant: " + problem + " (see --help)\n";
  }
  return line;
}

}  // namespace tenant
