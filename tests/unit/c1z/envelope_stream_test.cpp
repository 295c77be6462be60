#include "storage/c1z/envelope_stream.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "unit/c1z/scratch.hpp"

namespace baton::c1z {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

/// What zstd cannot shorten.
std::string noise(std::size_t size) {
  std::mt19937 random(1);
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

class EnvelopeStreamTest : public testing::Test {
 protected:
  /// Writes a file; its decoded content, or the error.
  absl::StatusOr<std::string> through_file(std::size_t head_room, std::string_view head,
                                           std::string_view body) {
    const std::string path = scratch_ / ("file" + std::to_string(files_++));
    const absl::StatusOr<File> file = create_exclusively(path, 0600);
    EnvelopeStream stream(*file, head_room, CompressOptions());
    absl::Status status = stream.begin();
    // In pieces that are no multiple of anything.
    for (; status.ok() && !body.empty(); body.remove_prefix(std::min<std::size_t>(body.size(), 70'001))) {
      status = stream.append(bytes_of(body.substr(0, 70'001)));
    }
    if (!status.ok()) return status;
    const absl::StatusOr<std::uint64_t> size = stream.finish(bytes_of(head));
    if (!size.ok()) return size.status();
    EXPECT_EQ(*size, std::filesystem::file_size(path));
    const absl::StatusOr<File> source = open_for_reading(path);
    const absl::StatusOr<File> target = create_exclusively(path + ".out", 0600);
    const auto decoded = decompress_v1(*source, path, *target, DecodeLimits());
    if (!decoded.ok()) return decoded.status();
    return read_file(path + ".out");
  }

  Scratch scratch_;
  int files_ = 0;
};

TEST_F(EnvelopeStreamTest, TheBeginningComesFirstAlthoughItIsWrittenLast) {
  const std::string body = noise(300'000) + std::string(3'000'000, 'x');
  const auto decoded = through_file(2048, "the beginning", body);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, "the beginning" + body);
}

TEST_F(EnvelopeStreamTest, ABeginningFitsExactlyOrWithRoomForASkippableFrame) {
  const std::string head = noise(500);
  // The smallest room that takes it, found by trying; a room a few bytes larger has no space for a frame that
  // skips.
  std::size_t room = 500;
  while (!through_file(room, head, "body").ok()) {
    ASSERT_EQ(through_file(room, head, "body").status().code(), absl::StatusCode::kOutOfRange);
    ASSERT_LT(++room, 600u);
  }
  for (std::size_t more = 1; more < 12; ++more) {
    const auto decoded = through_file(room + more, head, "body");
    EXPECT_EQ(decoded.status().code(), more < 8 ? absl::StatusCode::kOutOfRange : absl::StatusCode::kOk)
        << more;
    if (more >= 8) {
      ASSERT_TRUE(decoded.ok());
      EXPECT_EQ(*decoded, head + "body");
    }
  }
}

TEST_F(EnvelopeStreamTest, NoReaderTrustsASizeThatIsNotThere) {
  DecodeLimits small;
  small.max_decoded_bytes = 1000;
  const absl::StatusOr<File> file = create_exclusively(scratch_ / "large", 0600);
  EnvelopeStream stream(*file, 2048, CompressOptions());
  ASSERT_TRUE(stream.begin().ok());
  ASSERT_TRUE(stream.append(bytes_of(std::string(5000, 'x'))).ok());
  ASSERT_TRUE(stream.finish(bytes_of("head")).ok());
  const absl::StatusOr<File> source = open_for_reading(scratch_ / "large");
  const absl::StatusOr<File> target = create_exclusively(scratch_ / "out", 0600);
  EXPECT_EQ(decompress_v1(*source, "large", *target, small).status().code(),
            absl::StatusCode::kResourceExhausted);
  // Refused by the declared size of the second frame: only the first was decoded.
  EXPECT_EQ(read_file(scratch_ / "out"), "head");
}

}  // namespace
}  // namespace baton::c1z
