#include "runner/log_spdlog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "program.hpp"
#include "runner/log_line.hpp"

namespace baton::runner {
namespace {

using testing::HasSubstr;

const std::chrono::system_clock::time_point kNoon{std::chrono::microseconds(1'769'860'800'123'456)};

TEST(LogLineTest, ConsoleLinesAreTabbedAndQuoteWhatNeedsIt) {
  EXPECT_EQ(console_line(kNoon, LogLevel::kInfo, "sync.writer", "committed a page",
                         {{"rows", 12}, {"type", "user"}, {"name", "a b"}, {"empty", ""}}, false),
            "2026-01-31T12:00:00.123Z\tINFO\tsync.writer\tcommitted a page\t"
            "rows=12 type=user name=\"a b\" empty=\"\"");
  EXPECT_EQ(console_line(kNoon, LogLevel::kError, "x", "no facts", {}, false),
            "2026-01-31T12:00:00.123Z\tERROR\tx\tno facts");
  EXPECT_EQ(console_line(kNoon, LogLevel::kWarn, "x", "colour", {}, true),
            "2026-01-31T12:00:00.123Z\t\x1b[33mWARN\x1b[0m\tx\tcolour");
}

TEST(LogLineTest, JsonLinesHaveUpstreamsMembersThenTheFacts) {
  EXPECT_EQ(
      json_line(kNoon, LogLevel::kDebug, "http", "answered", {{"status", 200}, {"url", "http://x/?a=\"b\""}}),
      R"({"level":"debug","ts":1769860800.123456,"caller":"http","msg":"answered",)"
      R"("status":"200","url":"http://x/?a=\"b\""})");
  EXPECT_EQ(json_line(kNoon, LogLevel::kWarn, "x", "y", {{"msg", "z"}, {"level", "high"}}),
            R"({"level":"warn","ts":1769860800.123456,"caller":"x","msg":"y","msg_":"z","level_":"high"})");
}

TEST(LogLineTest, ForeignTextCannotForgeALine) {
  const std::string evil = "a\n2026 forged\x1b[2J\r\"}";
  for (const std::string& line : {console_line(kNoon, LogLevel::kInfo, "x", evil, {{"f", evil}}, false),
                                  json_line(kNoon, LogLevel::kInfo, "x", evil, {{"f", evil}})}) {
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(line.find('\r'), std::string::npos);
    EXPECT_EQ(line.find('\x1b'), std::string::npos);
  }
}

class OpenLogTest : public testing::Test {
 protected:
  LogOptions options_;
  Console console_{-1};
  FixedClock clock_{kNoon};
  ScratchFolder folder_;
};

TEST_F(OpenLogTest, FilesArePrivateAndAppendedTo) {
  folder_.write("old.log", "before\n");
  options_.paths = {folder_.file("old.log"), folder_.file("new.log")};
  options_.level = LogLevel::kWarn;
  {
    const auto log = open_log(options_, console_, clock_);
    ASSERT_TRUE(log.ok()) << log.status().message();
    EXPECT_FALSE((*log)->enabled(LogLevel::kInfo));
    EXPECT_TRUE((*log)->enabled(LogLevel::kError));
    (*log)->write(LogLevel::kInfo, "x", "too little", {});
    (*log)->write(LogLevel::kWarn, "x", "just right {} %v", {{"n", 1}});
  }
  const std::string line = "2026-01-31T12:00:00.123Z\tWARN\tx\tjust right {} %v\tn=1\n";
  EXPECT_EQ(folder_.read("old.log"), "before\n" + line);
  EXPECT_EQ(folder_.read("new.log"), line);
  struct stat facts {};
  ASSERT_EQ(::stat(folder_.file("new.log").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
}

TEST_F(OpenLogTest, AFileThatCannotBeOpenedIsNamed) {
  options_.paths = {folder_.file("missing/x.log")};
  const auto log = open_log(options_, console_, clock_);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().code(), absl::StatusCode::kUnknown);
  EXPECT_THAT(std::string(log.status().message()), HasSubstr("missing/x.log: No such file or directory"));
}

TEST_F(OpenLogTest, WithoutFilesLinesGoToTheConsole) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Console console(ends[1]);
  options_.json = true;
  const auto log = open_log(options_, console, clock_);
  ASSERT_TRUE(log.ok());
  (*log)->write(LogLevel::kInfo, "x", "y", {});
  char text[200];
  const ssize_t got = ::read(ends[0], text, sizeof text);
  ASSERT_GT(got, 0);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(got)),
            "{\"level\":\"info\",\"ts\":1769860800.123456,\"caller\":\"x\",\"msg\":\"y\"}\n");
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace baton::runner
