#include "tenant/options.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tenant/text.hpp"

namespace tenant {
namespace {

using namespace std::chrono_literals;

CommandLine parse(std::vector<const char*> flags) {
  flags.insert(flags.begin(), "baton-tenant");
  return parse_command_line(static_cast<int>(flags.size()), flags.data());
}

TEST(Options, DefaultsAreWorkloadS) {
  const CommandLine line = parse({});
  ASSERT_FALSE(line.exit_code) << line.text;
  EXPECT_EQ(line.options.shape.users, 20'000u);
  EXPECT_EQ(line.options.shape.nesting, 5u);
  EXPECT_EQ(line.options.page_size, 200u);
  EXPECT_EQ(line.options.port, 0);
}

TEST(Options, FlagsOverrideTheWorkloadWhereverTheyStand) {
  const CommandLine line = parse({"--members", "20", "--workload", "L", "--users=1000"});
  ASSERT_FALSE(line.exit_code) << line.text;
  EXPECT_EQ(line.options.shape.users, 1'000u);
  EXPECT_EQ(line.options.shape.groups, 5'000u);
  EXPECT_EQ(line.options.shape.members, 20u);
}

TEST(Options, ReadsEveryFlag) {
  const CommandLine line = parse(
      {"--seed",    "7",        "--users",    "90",    "--groups",      "30",    "--members",     "9",
       "--roles",   "4",        "--nesting",  "3",     "--assignments", "5",     "--role-users",  "2",
       "--cycles",  "0.25",     "--apps",     "2",     "--paging",      "link",  "--page-size",   "50",
       "--latency", "50ms",     "--jitter",   "5",     "--rate-limit",  "10",    "--rate-window", "1.5",
       "--faults",  "500@at:1", "--tls-cert", "c.pem", "--tls-key",     "k.pem", "--log",         "l.txt",
       "--token",   "t",        "--host",     "::1",   "--port",        "8080",  "--slow-pause",  "1s"});
  ASSERT_FALSE(line.exit_code) << line.text;
  const Options& o = line.options;
  EXPECT_EQ(o.shape.seed, 7u);
  EXPECT_EQ(o.shape.users, 90u);
  EXPECT_EQ(o.shape.groups, 30u);
  EXPECT_EQ(o.shape.members, 9u);
  EXPECT_EQ(o.shape.roles, 4u);
  EXPECT_EQ(o.shape.nesting, 3u);
  EXPECT_EQ(o.shape.assignments, 5u);
  EXPECT_EQ(o.shape.role_users, 2u);
  EXPECT_EQ(o.shape.cycles, 0.25);
  EXPECT_EQ(o.shape.apps, 2u);
  EXPECT_EQ(o.paging, PagingStyle::kLink);
  EXPECT_EQ(o.page_size, 50u);
  EXPECT_EQ(o.latency, 50ms);
  EXPECT_EQ(o.jitter, 5ms);
  EXPECT_EQ(o.rate_limit, 10u);
  EXPECT_EQ(o.rate_window, 1500ms);
  EXPECT_EQ(o.faults, "500@at:1");
  EXPECT_EQ(o.tls_cert, "c.pem");
  EXPECT_EQ(o.tls_key, "k.pem");
  EXPECT_EQ(o.log, "l.txt");
  EXPECT_EQ(o.token, "t");
  EXPECT_EQ(o.host, "::1");
  EXPECT_EQ(o.port, 8080);
  EXPECT_EQ(o.slow_pause, 1s);
}

TEST(Options, BadFlagsAreOneLineAndExitTwo) {
  const std::vector<std::vector<const char*>> lines = {
      {"--nonsense"},
      {"extra"},
      {"--users", "-1"},
      {"--users", "many"},
      {"--users"},
      {"--users", "99999999999999999999"},
      {"--workload", "M"},
      {"--paging", "pages"},
      {"--page-size", "0"},
      {"--page-size", "1001"},
      {"--latency", "50 ms"},
      {"--latency", "-5ms"},
      {"--latency", "2m"},
      {"--rate-window", "0"},
      {"--faults", "500@often"},
      {"--cycles", "1.1"},
      {"--cycles", "nan"},
      {"--port", "70000"},
      {"--tls-cert", "c.pem"},
      {"--members", "20001"},
      {"--apps", "0"},
  };
  for (const auto& flags : lines) {
    const CommandLine line = parse(flags);
    ASSERT_TRUE(line.exit_code.has_value()) << flags[0];
    EXPECT_EQ(*line.exit_code, 2) << flags[0];
    EXPECT_EQ(std::count(line.text.begin(), line.text.end(), '\n'), 1) << line.text;
    EXPECT_TRUE(line.text.starts_with("baton-tenant: ") && line.text.ends_with("\n")) << line.text;
  }
}

TEST(Options, HelpNamesEveryFlagOfTheIssue) {
  const CommandLine line = parse({"--help"});
  ASSERT_EQ(line.exit_code, 0);
  for (const char* flag : {"--port",        "--seed",        "--users",    "--groups",  "--members",
                           "--roles",       "--assignments", "--nesting",  "--cycles",  "--apps",
                           "--paging",      "--page-size",   "--latency",  "--jitter",  "--rate-limit",
                           "--rate-window", "--faults",      "--tls-cert", "--tls-key", "--log"}) {
    EXPECT_NE(line.text.find(flag), std::string::npos) << flag;
  }
}

TEST(Text, Durations) {
  EXPECT_EQ(parse_duration("50ms", 1s), 50ms);
  EXPECT_EQ(parse_duration("50", 1ms), 50ms);
  EXPECT_EQ(parse_duration("0.5s", 1ms), 500ms);
  EXPECT_EQ(parse_duration("2", 1s), 2s);
  EXPECT_EQ(parse_duration("3us", 1s), 3us);
  EXPECT_EQ(parse_duration("1m", 1s), 60s);
  for (const char* text : {"", "ms", "-1", "1h", "1 s", "1e3", "inf", "nan", "100000"})
    EXPECT_FALSE(parse_duration(text, 1s)) << text;
}

TEST(Text, EscapesWhatJsonDemands) {
  EXPECT_EQ(json_escape("a\"b\\c\n\r\t\x01 é🦊"), "a\\\"b\\\\c\\n\\r\\t\\u0001 é🦊");
}

}  // namespace
}  // namespace tenant
