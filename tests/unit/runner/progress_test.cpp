#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runner/line_progress.hpp"
#include "runner/log_line.hpp"
#include "runner/terminal_progress.hpp"

namespace baton::runner {
namespace {

using actors::ProgressView;
using std::chrono::seconds;

ProgressView view(const char* step, std::uint64_t rows, std::uint64_t done, std::uint64_t known,
                  std::chrono::nanoseconds elapsed) {
  ProgressView view;
  view.step = step;
  view.rows = rows;
  view.pages = rows / 10;
  view.cursors_done = done;
  view.cursors_known = known;
  view.elapsed = elapsed;
  return view;
}

TEST(ProgressBarTest, ShowsTheShareAndTheFacts) {
  EXPECT_EQ(progress_bar(view("collect", 1'234'567, 5, 10, seconds(12)), 52'120, 120, false),
            "collect  [###############...............]  1,234,567 rows  12.0 s  5/10 lists  52,120 rows/s");
  EXPECT_EQ(progress_bar(view("collect", 0, 1, 4, seconds(0)), 0, 120, true),
            "collect  [\x1b[32m#######\x1b[0m.......................]  0 rows  0.00 s  1/4 lists  0 rows/s");
  EXPECT_EQ(progress_bar(view("expand", 20, 4, 4, seconds(3)), 7, 80, false),
            "expand  3.00 s  20 rows collected");
  EXPECT_EQ(progress_bar(view("", 0, 0, 0, seconds(1)), 0, 80, false), "connect  1.00 s");
}

TEST(ProgressBarTest, AHoldIsShownWithItsEnd) {
  ProgressView held = view("collect", 100, 5, 10, seconds(12));
  held.limits.emplace_back("host", sync::RateUse());
  EXPECT_THAT(progress_bar(held, 5, 120, false), testing::Not(testing::HasSubstr("rate limit")));
  held.limits.back().use.hold_left = seconds(90);
  EXPECT_THAT(progress_bar(held, 5, 120, false),
              testing::HasSubstr("100 rows  rate limit: on in 1 m 30 s  "));
}

TEST(ProgressBarTest, NeverFillsTheLastColumnOfAnyWidth) {
  const ProgressView sample = view("collect", 123'456, 12, 345, seconds(75));
  for (int width = 0; width < 150; ++width) {
    const std::string bar = progress_bar(sample, 1'000, width, false);
    EXPECT_LE(static_cast<int>(bar.size()), std::max(width - 1, 0)) << bar;
  }
  EXPECT_EQ(progress_bar(sample, 1'000, 30, false), "collect  123,456 rows");
}

TEST(ProgressBarTest, MoreDoneThanKnownIsFull) {
  EXPECT_THAT(progress_bar(view("collect", 1, 9, 3, seconds(1)), 1, 80, false),
              testing::Not(testing::HasSubstr(".]")));
}

class RecordingLog final : public Log {
 public:
  bool enabled(LogLevel) const override { return true; }
  void write(LogLevel level, std::string_view subject, std::string_view message,
             std::initializer_list<LogField> fields) override {
    lines.push_back(console_line({}, level, subject, message, fields, false).substr(25));
  }
  std::vector<std::string> lines;
};

TEST(LineProgressTest, OneLineAStepAndOneEveryTenSeconds) {
  const auto log = std::make_shared<RecordingLog>();
  LineProgress progress(log);
  EXPECT_EQ(progress.interval(), seconds(10));
  progress.show(view("", 0, 0, 0, seconds(1)));
  progress.show(view("collect", 0, 0, 4, seconds(2)));
  progress.show(view("collect", 500, 1, 4, seconds(10)));
  progress.show(view("collect", 1'000, 2, 4, seconds(12)));
  progress.show(view("collect", 3'000, 3, 5, seconds(22)));
  progress.show(view("expand", 3'100, 5, 5, seconds(23)));
  progress.show(view("expand", 3'100, 5, 5, seconds(32)));
  progress.show(view("expand", 3'100, 5, 5, seconds(33)));
  EXPECT_THAT(log->lines,
              testing::ElementsAre(
                  "INFO\tsync.progress\tcollect begins\tcursors_known=4",
                  "INFO\tsync.progress\tcollecting\trows=1000 pages=100 rows_per_second=100 cursors_done=2 "
                  "cursors_known=4 elapsed=\"12.0 s\"",
                  "INFO\tsync.progress\tcollecting\trows=3000 pages=300 rows_per_second=200 cursors_done=3 "
                  "cursors_known=5 elapsed=\"22.0 s\"",
                  "INFO\tsync.progress\texpand begins\trows_collected=3100 elapsed=\"23.0 s\"",
                  "INFO\tsync.progress\texpand goes on\trows_collected=3100 elapsed=\"33.0 s\""));
}

TEST(LineProgressTest, AHoldIsALineOfItsOwn) {
  const auto log = std::make_shared<RecordingLog>();
  LineProgress progress(log);
  ProgressView held = view("collect", 100, 5, 10, seconds(0));
  progress.show(held);
  held.limits.emplace_back("host", sync::RateUse());
  held.limits.back().use.hold_left = seconds(90);
  held.limits.back().use.refusals = 3;
  held.elapsed = seconds(20);
  progress.show(held);
  ASSERT_EQ(log->lines.size(), 3u);
  EXPECT_THAT(log->lines[2], testing::HasSubstr("waiting for a rate limit"));
  EXPECT_THAT(log->lines[2], testing::HasSubstr("1 m 30 s"));
}

}  // namespace
}  // namespace baton::runner
