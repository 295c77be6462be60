#include "runner/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "program.hpp"

namespace baton::runner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

std::string error_of(std::string_view text) {
  const auto values = parse_config(text, "c.yaml");
  if (values.ok()) return "no error";
  EXPECT_EQ(values.status().code(), absl::StatusCode::kUnknown);
  return std::string(values.status().message());
}

TEST(ConfigFileTest, ScalarsListsAndMapsKeepTheirLine) {
  const auto values = parse_config(
      "# a comment\n"
      "base-url: http://x  # with one\n"
      "page-size: 12\n"
      "token: \"a: \\\"\u00e9\\\" b\"\n"
      "teams: [a, 'b c']\n"
      "more:\n"
      "  - x\n"
      "  - y\n"
      "map: {K: v, k: 2}\n",
      "c.yaml");
  ASSERT_TRUE(values.ok()) << values.status().message();
  EXPECT_EQ(values->path, "c.yaml");
  EXPECT_EQ(values->entries.size(), 6u);
  EXPECT_EQ(std::get<std::string>(values->entries.at("base-url").content), "http://x");
  EXPECT_EQ(values->entries.at("base-url").line, 2);
  EXPECT_EQ(std::get<std::string>(values->entries.at("page-size").content), "12");
  EXPECT_EQ(std::get<std::string>(values->entries.at("token").content), "a: \"\u00e9\" b");
  EXPECT_THAT(std::get<sdk::StringList>(values->entries.at("teams").content), ElementsAre("a", "b c"));
  EXPECT_THAT(std::get<sdk::StringList>(values->entries.at("more").content), ElementsAre("x", "y"));
  EXPECT_EQ(values->entries.at("more").line, 6);
  EXPECT_THAT(std::get<sdk::StringMap>(values->entries.at("map").content),
              ElementsAre(Pair("K", "v"), Pair("k", "2")));
}

TEST(ConfigFileTest, AFileOfNothingButCommentsIsEmpty) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "{}\n"}) {
    const auto values = parse_config(text, "c.yaml");
    ASSERT_TRUE(values.ok()) << text;
    EXPECT_TRUE(values->entries.empty());
  }
}

TEST(ConfigFileTest, WhatIsNoConfigurationNamesItsLine) {
  EXPECT_THAT(error_of("a: 1\nb: [1\n"), StartsWith("c.yaml:"));
  EXPECT_THAT(error_of("a: 1\n\tb: 2\n"), StartsWith("c.yaml:2: "));
  EXPECT_EQ(error_of("a: 1\nb: \"open \\\" \n"), "c.yaml:2: a quote is not closed");
  EXPECT_EQ(error_of("\xef\xbb\xbf"
                     "a: 'open \nb: 1\n"),
            "c.yaml:1: a quote is not closed");
  EXPECT_EQ(error_of("just words\n"), "c.yaml:1: expected settings of the form \"name: value\"");
  EXPECT_EQ(error_of("- a\n- b\n"), "c.yaml:1: expected settings of the form \"name: value\"");
  EXPECT_EQ(error_of("a: 1\nb: 2\na: 3\n"), "c.yaml:3: \"a\" is given twice");
  EXPECT_EQ(error_of("m: {k: 1, k: 2}\n"), "c.yaml:1: \"k\" is given twice");
  EXPECT_EQ(error_of("a: 1\nb:\n"), "c.yaml:2: \"b\" has no value; give it one or remove the line");
  EXPECT_EQ(error_of("a: [[1]]\n"), "c.yaml:1: \"a\" is nested too deeply");
  EXPECT_EQ(error_of("a:\n  b:\n    c: 1\n"), "c.yaml:3: \"a\" is nested too deeply");
  EXPECT_EQ(error_of("? [a]\n: 1\n"), "c.yaml:1: a key cannot be a list");
  EXPECT_EQ(error_of("a: !!binary aGk=\n"), "c.yaml:1: the tag tag:yaml.org,2002:binary is not supported");
  EXPECT_EQ(error_of("a: 1\n---\nb: 2\n"), "c.yaml: a second document begins; settings belong into one");
  EXPECT_EQ(error_of(std::string_view("a: 1\nb: \0\n", 10)),
            "c.yaml:2: a zero byte, which text does not hold");
}

TEST(ConfigFileTest, SecretsStayOutOfErrors) {
  for (const char* text :
       {"token: s3cret\ntoken: s3cret\n", "token: {a: s3cret, b: [s3cret]}\n", "token: [s3cret, {a: b}]\n"}) {
    const std::string error = error_of(text);
    EXPECT_THAT(error, StartsWith("c.yaml:"));
    EXPECT_THAT(error, testing::Not(HasSubstr("s3cret")));
  }
}

TEST(ConfigFileTest, BombsAreRefused) {
  EXPECT_EQ(error_of("a: &a [x, x]\nb: [*a, *a]\n"),
            "c.yaml:1: anchors are not supported; write the value out");
  EXPECT_THAT(error_of("a: *b\n"), StartsWith("c.yaml:1: "));
  EXPECT_THAT(error_of(std::string(100'000, '[')), StartsWith("c.yaml:1: "));
  EXPECT_THAT(error_of("a: " + std::string(100'000, '{')), StartsWith("c.yaml:1: "));
  EXPECT_EQ(error_of(std::string(2 << 20, '#')),
            "c.yaml: cannot read the configuration file: it is longer than 1 MiB");
}

TEST(ConfigFileTest, TheFileOfTheFolderIsOptionalAndTheNamedOneIsNot) {
  const ScratchFolder folder;
  EXPECT_TRUE(read_config_file({}, folder.path())->entries.empty());
  folder.write(".baton.yaml", "a: 1\n");
  EXPECT_EQ(read_config_file({}, folder.path())->entries.size(), 1u);

  const std::string named = folder.write("other.yml", "b: 1\nc: 2\n");
  EXPECT_EQ(read_config_file({{"BATON_CONFIG_PATH", named}}, folder.path())->entries.size(), 2u);
  EXPECT_EQ(read_config_file({{"BATON_CONFIG_PATH", "other.yml"}}, folder.path())->entries.size(), 2u);

  const auto message = [&](const std::string& path) {
    return std::string(read_config_file({{"BATON_CONFIG_PATH", path}}, folder.path()).status().message());
  };
  EXPECT_EQ(message("missing.yaml"),
            "missing.yaml: cannot read the configuration file: No such file or directory");
  EXPECT_EQ(message("other.json"), "other.json: expected config file to have .yaml or .yml extension");
  std::filesystem::create_directory(folder.file("dir.yaml"));
  EXPECT_EQ(message("dir.yaml"), "dir.yaml: cannot read the configuration file: it is not a regular file");
}

TEST(ConfigFileTest, AFileThatIsThereMustBeReadable) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder.file(".baton.yaml"));
  EXPECT_THAT(std::string(read_config_file({}, folder.path()).status().message()),
              StartsWith("./.baton.yaml: cannot read the configuration file: "));
}

}  // namespace
}  // namespace baton::runner
