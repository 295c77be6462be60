#include "sdk/config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::sdk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

/// All four sources of one test.
class Sources {
 public:
  Sources() : file("./.baton.yaml") {}

  absl::StatusOr<Config> resolve_with(std::vector<Field> fields) const {
    const absl::StatusOr<Schema> schema = Schema::make(std::move(fields));
    if (!schema.ok()) return schema.status();
    const EnvLookup lookup = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      if (found == environment.end()) return std::nullopt;
      return found->second;
    };
    return resolve(*schema, flags, lookup, file);
  }

  Config config(std::vector<Field> fields) const {
    absl::StatusOr<Config> result = resolve_with(std::move(fields));
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : Config();
  }

  /// The message of the error, which must have the code of exit 2.
  std::string error(std::vector<Field> fields) const {
    const absl::Status status = resolve_with(std::move(fields)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnknown);
    return std::string(status.message());
  }

  FlagValues flags;
  std::map<std::string, std::string> environment;
  FileValues file;
};

TEST(Config, the_highest_source_wins) {
  const Field field = Field::string("base-url").default_value("default");
  Sources sources;
  EXPECT_EQ(sources.config({field}).get_string(field), "default");
  EXPECT_EQ(sources.config({field}).source(field), ValueSource::kDefault);
  sources.file.entries["base-url"] = FileValue("file", 3);
  EXPECT_EQ(sources.config({field}).get_string(field), "file");
  EXPECT_EQ(sources.config({field}).source(field), ValueSource::kFile);
  sources.environment["BATON_BASE_URL"] = "env";
  EXPECT_EQ(sources.config({field}).get_string(field), "env");
  EXPECT_EQ(sources.config({field}).source(field), ValueSource::kEnvironment);
  sources.flags["base-url"] = {"flag"};
  EXPECT_EQ(sources.config({field}).get_string(field), "flag");
  EXPECT_EQ(sources.config({field}).source(field), ValueSource::kFlag);
}

TEST(Config, lists_and_maps_override_instead_of_merging) {
  Sources sources;
  const Field list = Field::string_list("types").default_value(StringList{"d"});
  const Field map = Field::string_map("labels").default_value(StringMap{{"d", "1"}});
  sources.file.entries["types"] = FileValue(StringList{"a", "b,c"}, 1);
  sources.file.entries["labels"] = FileValue(StringMap{{"Kept", "Case"}}, 2);
  EXPECT_THAT(sources.config({list, map}).get_list("types"), ElementsAre("a", "b,c"));
  EXPECT_THAT(sources.config({list, map}).get_map("labels"), ElementsAre(Pair("Kept", "Case")));
  sources.environment["BATON_TYPES"] = "e1,\"e,2\",\"e\"\"3\"";
  sources.environment["BATON_LABELS"] = R"({"k":"v","n":5,"b":true})";
  EXPECT_THAT(sources.config({list, map}).get_list("types"), ElementsAre("e1", "e,2", "e\"3"));
  EXPECT_THAT(sources.config({list, map}).get_map("labels"),
              ElementsAre(Pair("b", "true"), Pair("k", "v"), Pair("n", "5")));
  sources.flags["types"] = {"f1,f2", "f3"};
  sources.flags["labels"] = {"a=1,b=x=y", "c="};
  EXPECT_THAT(sources.config({list, map}).get_list("types"), ElementsAre("f1", "f2", "f3"));
  EXPECT_THAT(sources.config({list, map}).get_map("labels"),
              ElementsAre(Pair("a", "1"), Pair("b", "x=y"), Pair("c", "")));
  sources.flags["types"] = {""};
  EXPECT_THAT(sources.config({list, map}).get_list("types"), ElementsAre());
}

TEST(Config, an_explicit_zero_is_not_unset) {
  const Field workers = Field::integer("workers");
  const Field flag = Field::boolean("flag").default_value(true);
  const Field text = Field::string("text").default_value("x");
  Sources sources;
  EXPECT_FALSE(sources.config({workers}).is_set(workers));
  EXPECT_EQ(sources.config({workers}).get_int(workers), 0);
  sources.flags["workers"] = {"0"};
  sources.flags["flag"] = {"false"};
  sources.flags["text"] = {""};
  const Config config = sources.config({workers, flag, text});
  EXPECT_TRUE(config.is_set(workers));
  EXPECT_EQ(config.get_int(workers), 0);
  EXPECT_FALSE(config.get_bool(flag));
  EXPECT_EQ(config.get_string(text), "");
}

TEST(Config, unset_values_are_zero) {
  const Config config =
      Sources().config({Field::string("s"), Field::boolean("b"), Field::integer("i"), Field::string_list("l"),
                        Field::string_map("m"), Field::select("x", {"a"})});
  EXPECT_EQ(config.get_string("s"), "");
  EXPECT_FALSE(config.get_bool("b"));
  EXPECT_EQ(config.get_int("i"), 0);
  EXPECT_TRUE(config.get_list("l").empty());
  EXPECT_TRUE(config.get_map("m").empty());
  EXPECT_EQ(config.get_string("x"), "");
}

TEST(Config, names_what_is_missing) {
  Sources sources;
  EXPECT_EQ(sources.error({Field::string("api-key").required()}), "required flag(s) \"api-key\" not set");
  EXPECT_EQ(
      sources.error({Field::string("a").required(), Field::string("b"), Field::integer("c").required()}),
      "required flag(s) \"a\", \"c\" not set");
  sources.environment["BATON_API_KEY"] = "";
  EXPECT_EQ(sources.error({Field::string("api-key").required()}),
            "required flag(s) \"api-key\" not set (empty in the environment: BATON_API_KEY)");
  sources.flags["api-key"] = {""};
  EXPECT_EQ(sources.error({Field::string("api-key").required()}), "--api-key: the required value is empty");
  sources.flags.clear();
  sources.file.entries["api-key"] = FileValue("", 7);
  EXPECT_EQ(sources.error({Field::string("api-key").required()}),
            "./.baton.yaml:7: api-key: the required value is empty");
}

TEST(Config, an_empty_variable_counts_as_unset) {
  Sources sources;
  sources.environment["BATON_WORKERS"] = "";
  EXPECT_EQ(sources.config({Field::integer("workers").default_value(4)}).get_int("workers"), 4);
}

TEST(Config, conversion_errors_name_source_and_value) {
  Sources sources;
  sources.environment["BATON_X"] = "abc";
  EXPECT_EQ(sources.error({Field::integer("x")}), "BATON_X: \"abc\" is not an integer");
  EXPECT_EQ(sources.error({Field::boolean("x")}), "BATON_X: \"abc\" is not a boolean (true or false)");
  EXPECT_EQ(sources.error({Field::select("x", {"a", "b"})}), "BATON_X: \"abc\" is not one of a, b");
  EXPECT_THAT(sources.error({Field::string_map("x")}), HasSubstr("BATON_X: not a JSON object"));
  sources.flags["x"] = {"12x"};
  EXPECT_EQ(sources.error({Field::integer("x")}), "--x: \"12x\" is not an integer");
  sources.flags["x"] = {"99999999999999999999"};
  EXPECT_EQ(sources.error({Field::integer("x")}), "--x: \"99999999999999999999\" does not fit into 64 bits");
  sources.flags["x"] = {"novalue"};
  EXPECT_EQ(sources.error({Field::string_map("x")}), "--x: \"novalue\" is not of the form key=value");
  sources.flags["x"] = {"\"open"};
  EXPECT_EQ(sources.error({Field::string_list("x")}), "--x: a quoted value in the list has no closing quote");
  sources.flags.clear();
  sources.environment.clear();
  sources.file.entries["x"] = FileValue("1.5", 3);
  EXPECT_EQ(sources.error({Field::integer("x")}), "./.baton.yaml:3: x: \"1.5\" is not an integer");
  sources.file.entries["x"] = FileValue(StringList{"a"}, 3);
  EXPECT_EQ(sources.error({Field::string("x")}), "./.baton.yaml:3: x: a list is not expected here");
  sources.file.entries["x"] = FileValue(StringMap{{"a", "b"}}, 3);
  EXPECT_EQ(sources.error({Field::string_list("x")}), "./.baton.yaml:3: x: a map is not expected here");
}

TEST(Config, secrets_stay_out_of_every_error) {
  constexpr char kSecret[] = "s3cr3t-value";
  for (Field field :
       {Field::integer("x"), Field::boolean("x"), Field::select("x", {"a"}), Field::string_map("x")}) {
    field.secret();
    Sources sources;
    sources.flags["x"] = {kSecret};
    EXPECT_THAT(sources.error({field}), Not(HasSubstr(kSecret)));
    sources.flags.clear();
    sources.environment["BATON_X"] = kSecret;
    EXPECT_THAT(sources.error({field}), Not(HasSubstr(kSecret)));
    sources.environment.clear();
    sources.file.entries["x"] = FileValue(kSecret, 1);
    EXPECT_THAT(sources.error({field}), Not(HasSubstr(kSecret)));
  }
}

TEST(Config, unknown_names_are_errors) {
  Sources sources;
  sources.file.entries["api-kye"] = FileValue("x", 4);
  EXPECT_EQ(sources.error({Field::string("api-key")}), "./.baton.yaml:4: unknown setting \"api-kye\"");
  sources.flags["nope"] = {"1"};
  EXPECT_EQ(sources.error({Field::string("api-key")}), "unknown flag: --nope");
}

TEST(Config, reads_the_words_for_booleans) {
  Sources sources;
  for (const char* word : {"1", "t", "true", "TRUE", "True"}) {
    sources.flags["x"] = {word};
    EXPECT_TRUE(sources.config({Field::boolean("x")}).get_bool("x")) << word;
  }
  sources.flags["x"] = {"yes"};
  EXPECT_THAT(sources.error({Field::boolean("x")}), HasSubstr("is not a boolean"));
  sources.flags.clear();
  sources.file.entries["x"] = FileValue("yes", 1);
  EXPECT_TRUE(sources.config({Field::boolean("x")}).get_bool("x"));
  sources.file.entries["x"] = FileValue("off", 1);
  EXPECT_FALSE(sources.config({Field::boolean("x").default_value(true)}).get_bool("x"));
}

TEST(Config, integers_may_be_signed_and_the_last_flag_counts) {
  Sources sources;
  sources.flags["x"] = {"5", "-1"};
  EXPECT_EQ(sources.config({Field::integer("x")}).get_int("x"), -1);
  sources.flags["x"] = {"+7"};
  EXPECT_EQ(sources.config({Field::integer("x")}).get_int("x"), 7);
  sources.flags["x"] = {"+-7"};
  EXPECT_THAT(sources.error({Field::integer("x")}), HasSubstr("is not an integer"));
}

TEST(Config, identity_leaves_out_secrets_and_ways_of_running) {
  Sources sources;
  sources.flags["token"] = {"s3cr3t"};
  sources.flags["workers"] = {"4"};
  sources.flags["types"] = {"a,b"};
  const Config config = sources.config({Field::string("token").secret(),
                                        Field::integer("workers").operational(), Field::string_list("types"),
                                        Field::boolean("deep").default_value(false), Field::string("unset")});
  EXPECT_THAT(config.identity(), ElementsAre(Pair("deep", "false"), Pair("types", R"(["a","b"])")));
}

TEST(ConfigDeathTest, misuse_ends_the_program) {
  const Config config = Sources().config({Field::string("x").default_value("v")});
  EXPECT_DEATH(config.get_string("y"), "\"y\" is not part of the schema");
  EXPECT_DEATH(config.get_int("x"), "\"x\" is not an integer");
}

TEST(Schema, refuses_contradictions) {
  EXPECT_FALSE(Schema::make({Field::string("Bad")}).ok());
  EXPECT_FALSE(Schema::make({Field::string("")}).ok());
  EXPECT_FALSE(Schema::make({Field::string("-x")}).ok());
  EXPECT_FALSE(Schema::make({Field::string("x"), Field::integer("x")}).ok());
  EXPECT_FALSE(Schema::make({Field::boolean("x").required()}).ok());
  EXPECT_FALSE(Schema::make({Field::string("x").required().default_value("d")}).ok());
  EXPECT_FALSE(Schema::make({Field::integer("x").default_value("d")}).ok());
  EXPECT_FALSE(Schema::make({Field::select("x", {})}).ok());
  EXPECT_FALSE(Schema::make({Field::select("x", {"a"}).default_value("b")}).ok());
  EXPECT_TRUE(Schema::make({Field::select("x", {"a"}).default_value("a")}).ok());
}

TEST(Field, describes_itself) {
  EXPECT_EQ(Field::string("api-key").variable(), "BATON_API_KEY");
  EXPECT_EQ(Field::string("api-key").required().description("the key").help(),
            "required: the key ($BATON_API_KEY)");
  EXPECT_EQ(Field::string("x").help(), "($BATON_X)");
}

}  // namespace
}  // namespace baton::sdk
