#include "runner/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"
#include "runner/process.hpp"
#include "runner/unsupported.hpp"

namespace baton::runner {
namespace {

using Words = std::vector<std::string>;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class CommandLineTest : public testing::Test {
 protected:
  /// With the one required flag.
  absl::StatusOr<Invocation> read(Words arguments) {
    arguments.insert(arguments.begin(), {"--base-url", "http://x"});
    return read_bare(arguments);
  }
  absl::StatusOr<Invocation> read_bare(const Words& arguments) {
    return read_command_line(program_, arguments, environment_, folder_.path());
  }
  std::string error_of(const Words& arguments, absl::StatusCode code) {
    const absl::StatusOr<Invocation> invocation = read(arguments);
    if (invocation.ok()) return "no error";
    EXPECT_EQ(invocation.status().code(), code) << invocation.status().message();
    const std::string message(invocation.status().message());
    EXPECT_THAT(message, Not(HasSubstr("\n")));
    return message;
  }
  std::string unknown(const Words& arguments) { return error_of(arguments, absl::StatusCode::kUnknown); }
  std::string unimplemented(const Words& arguments) {
    return error_of(arguments, absl::StatusCode::kUnimplemented);
  }

  ConnectorProgram program_ = sample_program();
  Environment environment_;
  ScratchFolder folder_;
};

TEST_F(CommandLineTest, DefaultsAreThoseOfTheDocs) {
  const auto invocation = read({});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  const Settings& settings = invocation->settings;
  EXPECT_EQ(invocation->kind, Invocation::Kind::kSync);
  EXPECT_EQ(settings.file, "sync.c1z");
  EXPECT_EQ(settings.workers, std::nullopt);
  EXPECT_EQ(settings.max_concurrency, 64u);
  EXPECT_EQ(settings.requests_per_second, 0);
  EXPECT_EQ(settings.resume_max_age, std::chrono::hours(24));
  EXPECT_EQ(settings.give_up_after, std::chrono::minutes(30));
  EXPECT_EQ(settings.shutdown_grace, std::chrono::seconds(10));
  EXPECT_EQ(settings.expansion, "upstream");
  EXPECT_EQ(settings.max_expanded_grants, 0U);
  EXPECT_EQ(settings.log_level, LogLevel::kInfo);
  EXPECT_EQ(settings.log_format, LogFormat::kAutomatic);
  EXPECT_EQ(invocation->config.get_int("page-size"), 200);
}

TEST_F(CommandLineTest, EveryWayOfWritingAFlagIsRead) {
  const auto invocation =
      read({"-f", "a.c1z", "--token=s=e=c", "--archived", "--skip-grants=true", "--restart=false", "--teams",
            "a,b", "--teams=c", "--workers", "-1", "-f=b.c1z", "--log-path", "x.log", "--log-path=y.log"});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->settings.file, "b.c1z");
  EXPECT_EQ(invocation->config.get_string("token"), "s=e=c");
  EXPECT_TRUE(invocation->config.get_bool("archived"));
  EXPECT_TRUE(invocation->settings.skip_grants);
  EXPECT_FALSE(invocation->settings.restart);
  EXPECT_THAT(invocation->config.get_list("teams"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(invocation->settings.log_paths, ElementsAre("x.log", "y.log"));
}

TEST_F(CommandLineTest, AFlagTakesTheNextWordWhateverItLooksLike) {
  const auto invocation = read({"--token", "--archived", "-t-x"});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->config.get_string("token"), "-x");
  EXPECT_FALSE(invocation->config.get_bool("archived"));
  const auto listed = read({"--teams={}", "--token", "[a,b]"});
  ASSERT_TRUE(listed.ok());
  EXPECT_THAT(listed->config.get_list("teams"), ElementsAre("{}"));
  EXPECT_EQ(listed->config.get_string("token"), "[a,b]");
}

TEST_F(CommandLineTest, AnEmptyValueIsAValue) {
  const auto invocation = read({"--token=", "--teams="});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_TRUE(invocation->config.is_set("token"));
  EXPECT_EQ(invocation->config.get_string("token"), "");
  EXPECT_EQ(unknown({"--file="}), "--file: the value is empty");
  EXPECT_EQ(unknown({"--archived="}), "--archived: \"\" is not a boolean (true or false)");
}

TEST_F(CommandLineTest, UnknownFlagsAreNamedWithoutTheirValue) {
  EXPECT_EQ(unknown({"--x"}), "unknown flag: --x");
  EXPECT_EQ(unknown({"--tokne=secret"}), "unknown flag: --tokne");
  EXPECT_EQ(unknown({"--tokne", "secret"}), "unknown flag: --tokne");
  EXPECT_EQ(unknown({"-x"}), "unknown shorthand flag: -x");
  EXPECT_THAT(unknown({"secret"}), testing::AllOf(HasSubstr("belongs to no flag"), Not(HasSubstr("secret"))));
  EXPECT_EQ(unknown({"--token"}), "flag needs an argument: --token");
  EXPECT_EQ(unknown({"-t"}), "flag needs an argument: -t");
}

TEST_F(CommandLineTest, AMissingRequiredFlagIsNamed) {
  const auto invocation = read_bare({});
  EXPECT_EQ(invocation.status().code(), absl::StatusCode::kUnknown);
  EXPECT_EQ(invocation.status().message(), "required flag(s) \"base-url\" not set");
}

TEST_F(CommandLineTest, FlagBeatsVariableBeatsFileBeatsDefault) {
  folder_.write(".baton.yaml", "page-size: 1\nlog-level: warn\nteams: [f]\nfile: f.c1z\n");
  auto invocation = read({});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->config.get_int("page-size"), 1);
  EXPECT_EQ(invocation->settings.log_level, LogLevel::kWarn);
  EXPECT_THAT(invocation->config.get_list("teams"), ElementsAre("f"));

  environment_ = {{"BATON_PAGE_SIZE", "2"}, {"BATON_TEAMS", "e,g"}, {"BATON_LOG_LEVEL", ""}};
  invocation = read({});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->config.get_int("page-size"), 2);
  EXPECT_EQ(invocation->settings.log_level, LogLevel::kWarn);
  EXPECT_THAT(invocation->config.get_list("teams"), ElementsAre("e", "g"));
  EXPECT_EQ(invocation->settings.file, "f.c1z");

  invocation = read({"--page-size", "3", "--teams", "h"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(invocation->config.get_int("page-size"), 3);
  EXPECT_THAT(invocation->config.get_list("teams"), ElementsAre("h"));
}

TEST_F(CommandLineTest, TheStorageEngineIsTheVersionOfTheFile) {
  const auto version = [&](const std::vector<std::string>& flags) {
    return read(flags)->settings.file_version;
  };
  EXPECT_EQ(version({}), c1z::FileVersion::kV1);
  EXPECT_EQ(version({"--storage-engine", "sqlite"}), c1z::FileVersion::kV1);
  EXPECT_EQ(version({"--storage-engine", "pebble"}), c1z::FileVersion::kV3);
  EXPECT_THAT(unknown({"--storage-engine", "leveldb"}), HasSubstr("--storage-engine"));
}

TEST_F(CommandLineTest, WorkersAreAutomaticOneOrACap) {
  const auto workers = [&](const std::string& value) { return read({"--workers", value})->settings.workers; };
  EXPECT_EQ(workers("-1"), std::nullopt);
  EXPECT_EQ(workers("0"), 1u);
  EXPECT_EQ(workers("1"), 1u);
  EXPECT_EQ(workers("128"), 128u);
  EXPECT_EQ(read({"--workers", "128"})->settings.max_concurrency, 128u);
  EXPECT_EQ(read({"--workers", "128", "--max-concurrency", "5"})->settings.max_concurrency, 5u);
  EXPECT_EQ(unknown({"--workers", "-2"}), "--workers: must be from -1 to 1024 but is -2");
  EXPECT_EQ(unknown({"--workers", "1025"}), "--workers: must be from -1 to 1024 but is 1025");
  EXPECT_EQ(unknown({"--workers", "many"}), "--workers: \"many\" is not an integer");
}

TEST_F(CommandLineTest, ImpossibleValuesNameTheirSource) {
  EXPECT_EQ(unknown({"--log-level", "loud"}), "--log-level: \"loud\" is not one of debug, info, warn, error");
  EXPECT_EQ(unknown({"--give-up-after", "soon"}),
            "--give-up-after: \"soon\" is not a duration; write for example 50ms, 10s, 1h30m");
  EXPECT_EQ(unknown({"--requests-per-second", "-1"}),
            "--requests-per-second: \"-1\" is not a number from 0 to 1000000");
  EXPECT_EQ(unknown({"--requests-per-second", "inf"}),
            "--requests-per-second: \"inf\" is not a number from 0 to 1000000");
  EXPECT_EQ(unknown({"--log-path", "stdout"}), "--log-path: stdout stays empty; name a file, or stderr");
  environment_ = {{"BATON_SHUTDOWN_GRACE", "x"}};
  EXPECT_THAT(unknown({}), HasSubstr("BATON_SHUTDOWN_GRACE: \"x\" is not a duration"));
  environment_ = {};
  folder_.write(".baton.yaml", "archived: true\nmax-concurrency: 0\n");
  EXPECT_EQ(unknown({}), "./.baton.yaml:2: max-concurrency: must be from 1 to 10000 but is 0");
}

TEST_F(CommandLineTest, WhatUpstreamKnowsAndWeDoNotIsRefusedByFlag) {
  EXPECT_EQ(unimplemented({"--client-id", "abc"}),
            "--client-id: service mode is not supported; let a scheduler start one sync at a time");
  EXPECT_THAT(unimplemented({"--provisioning"}), HasSubstr("--provisioning: write operations"));
  EXPECT_THAT(unimplemented({"-p"}), HasSubstr("--provisioning: write operations"));
  EXPECT_THAT(unimplemented({"--grant-entitlement=x", "--grant-principal", "y"}), HasSubstr("--grant-"));
  EXPECT_THAT(unimplemented({"--invoke-resource-action-args", "{}"}),
              HasSubstr("--invoke-resource-action-args: actions"));
  EXPECT_THAT(unimplemented({"capabilities"}), HasSubstr("capabilities: this command is not supported"));
  EXPECT_THAT(unimplemented({"completion", "bash"}), HasSubstr("completion: "));
}

TEST_F(CommandLineTest, RetentionComesFromVariablesAsUpstreamHasIt) {
  EXPECT_EQ(read({})->settings.retention.full_syncs, 2);
  environment_ = {{"BATON_KEEP_SYNC_COUNT", "5"}, {"BATON_SKIP_CLEANUP", "true"}};
  EXPECT_EQ(read({})->settings.retention.full_syncs, 5);
  EXPECT_TRUE(read({})->settings.retention.keep_all);
  environment_ = {{"BATON_KEEP_SYNC_COUNT", "five"}};
  EXPECT_EQ(read({}).status().code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(read({}).status().message()), testing::HasSubstr("BATON_KEEP_SYNC_COUNT"));
}

TEST_F(CommandLineTest, WhatUpstreamKnowsAndWeDoNotIsRefusedByVariable) {
  for (const char* name : {"BATON_CLIENT_ID", "BATON_HOST_ID", "BATON_LAMBDA_ANYTHING", "BATON_PARALLEL_SYNC",
                           "BATON_INVOKE_RESOURCE_ACTION_X", "BATON_HTTP_CACHE_TTL"}) {
    environment_ = {{name, "1"}};
    EXPECT_THAT(unimplemented({}), testing::StartsWith(std::string(name) + ": "));
    environment_ = {{name, ""}};
    EXPECT_TRUE(read({}).ok()) << name;
  }
}

TEST_F(CommandLineTest, WhatUpstreamKnowsAndWeDoNotIsRefusedByFile) {
  folder_.write(".baton.yaml", "archived: true\nticketing: true\n");
  EXPECT_EQ(unimplemented({}), "./.baton.yaml:2: ticketing: tickets are not supported; leave it out to sync");
  folder_.write(".baton.yaml", "archived: true\nticketting: true\n");
  EXPECT_EQ(unknown({}), "./.baton.yaml:2: unknown setting \"ticketting\"");
}

TEST_F(CommandLineTest, EveryUnsupportedFlagIsRefusedAlone) {
  ASSERT_GT(unsupported_flags().size(), 50u);
  for (const std::string_view name : unsupported_flags()) {
    const std::string flag = "--" + std::string(name);
    EXPECT_THAT(unimplemented({flag}), testing::StartsWith(flag + ": "));
    EXPECT_THAT(unimplemented({flag + "=1"}), testing::StartsWith(flag + ": "));
  }
}

TEST_F(CommandLineTest, WhatOnlyTheUpstreamConnectorHasIsRefusedHoweverItIsGiven) {
  program_.unsupported = {{"api-key", "keys are not supported; see --token"}};
  EXPECT_EQ(unimplemented({"--api-key", "secret-key"}), "--api-key: keys are not supported; see --token");
  EXPECT_EQ(unimplemented({"--api-key=secret-key"}), "--api-key: keys are not supported; see --token");
  environment_ = {{"BATON_API_KEY", "secret-key"}};
  EXPECT_EQ(unimplemented({}), "BATON_API_KEY: keys are not supported; see --token");
  environment_ = {{"BATON_CONFIG_PATH", folder_.write("c.yaml", "api-key: secret-key\n")}};
  EXPECT_THAT(unimplemented({}),
              testing::AllOf(HasSubstr("c.yaml:1: api-key: keys are"), Not(HasSubstr("secret"))));
  // A setting of that name goes before.
  program_.fields.push_back(sdk::Field::string("api-key"));
  EXPECT_TRUE(read({}).ok());
}

TEST_F(CommandLineTest, AConnectorMayOwnANameThatUpstreamUses) {
  program_.fields.push_back(sdk::Field::string("client-id"));
  auto invocation = read({"--client-id", "abc"});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->config.get_string("client-id"), "abc");
  environment_ = {{"BATON_CLIENT_ID", "def"}};
  invocation = read({});
  ASSERT_TRUE(invocation.ok()) << invocation.status().message();
  EXPECT_EQ(invocation->config.get_string("client-id"), "def");
}

TEST_F(CommandLineTest, AConnectorMayNotOwnANameOfOurs) {
  program_.fields.push_back(sdk::Field::string("workers"));
  EXPECT_EQ(error_of({}, absl::StatusCode::kInvalidArgument), "config field \"workers\" is declared twice");
  program_.fields.back() = sdk::Field::string("folder").short_flag('f');
  EXPECT_THAT(error_of({}, absl::StatusCode::kInvalidArgument), HasSubstr("same one-letter flag"));
}

TEST_F(CommandLineTest, HelpShowsEverySettingButTheHiddenOnes) {
  const auto invocation = read_bare({"--help"});
  ASSERT_TRUE(invocation.ok());
  EXPECT_EQ(invocation->kind, Invocation::Kind::kHelp);
  const std::string& text = invocation->text;
  for (const sdk::Field& field : program_.fields) EXPECT_THAT(text, HasSubstr("--" + field.name() + " "));
  for (const FieldGroup& group : common_settings()) {
    for (const sdk::Field& field : group.fields) {
      EXPECT_NE(text.find(field.variable()) != std::string::npos, field.is_hidden()) << field.name();
    }
  }
  EXPECT_THAT(text, HasSubstr("required: where the API is ($BATON_BASE_URL)"));
  EXPECT_THAT(text, HasSubstr("rows of a page [default 200] ($BATON_PAGE_SIZE)"));
  EXPECT_LT(text.find("Connector:"), text.find("Sync:"));
  EXPECT_LT(text.find("Sync:"), text.find("Run:"));
  EXPECT_LT(text.find("Run:"), text.find("Log:"));
  for (std::size_t at = 0, end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    EXPECT_LE(end - at, 106u) << text.substr(at, end - at);
  }
  EXPECT_EQ(read_bare({"-h"})->kind, Invocation::Kind::kHelp);
  EXPECT_EQ(read_bare({"help"})->kind, Invocation::Kind::kHelp);
}

TEST_F(CommandLineTest, VersionNamesProgramAndVersion) {
  EXPECT_EQ(read_bare({"--version"})->text, "baton-sample version 1.2.3\n");
  EXPECT_EQ(read_bare({"-v"})->kind, Invocation::Kind::kVersion);
}

TEST_F(CommandLineTest, ARunIsItsSettingsThatDecideTheResult) {
  const auto configuration = [&](const Words& arguments) {
    const auto invocation = read(arguments);
    return run_configuration(program_, invocation->config, invocation->settings);
  };
  const auto base = configuration({});
  EXPECT_EQ(base.at("connector name"), "sample");
  EXPECT_EQ(base.at("base-url"), "http://x");
  EXPECT_FALSE(base.contains("token"));
  // How to run and what is secret make no other run.
  EXPECT_EQ(base, configuration({"--token", "x", "--workers", "3", "--log-level", "debug", "--file", "other",
                                 "--restart", "--requests-per-second", "1.5"}));
  for (const Words& different : {Words{"--archived"}, Words{"--skip-grants"}, Words{"--skip-full-sync"},
                                 Words{"--expansion", "off"}, Words{"--skip-entitlements-and-grants"},
                                 Words{"--sync-resource-types", "user"}, Words{"--page-size", "1"}}) {
    EXPECT_NE(base, configuration(different)) << different.front();
  }
  EXPECT_EQ(configuration({"--sync-resource-types", "user,group,user"}),
            configuration({"--sync-resource-types", "group", "--sync-resource-types", "user"}));
}

TEST_F(CommandLineTest, TheRunDirectoryLiesBesideTheFileOrInTheStateFolder) {
  EXPECT_EQ(run_directory(read({"--file", "out/a.c1z"})->settings), "out/a.c1z.sync");
  const std::string one = run_directory(read({"--file", "/x/a.c1z", "--state-dir", "s"})->settings);
  const std::string other = run_directory(read({"--file", "/y/a.c1z", "--state-dir", "s"})->settings);
  EXPECT_THAT(one, testing::MatchesRegex("s/a\\.c1z-[0-9a-f]{8}\\.sync"));
  EXPECT_NE(one, other);
  EXPECT_EQ(one, run_directory(read({"--file", "/x/z/../a.c1z", "--state-dir", "s"})->settings));
}

}  // namespace
}  // namespace baton::runner
