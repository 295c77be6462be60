#include "storage/c1z/envelope.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zstd.h>

#include <cstring>

#include "unit/c1z/scratch.hpp"

namespace baton::c1z {
namespace {

using testing::HasSubstr;

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& c : bytes) {
    state = state * 1664525 + 1013904223;
    c = static_cast<char>('a' + (state >> 28));
  }
  return bytes;
}

class FrameOptions {
 public:
  bool content_size = true;
  bool checksum = true;
  int window_log = 0;
};

std::string frame(std::string_view content, FrameOptions options = {}) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, options.content_size ? 1 : 0);
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, options.checksum ? 1 : 0);
  if (options.window_log != 0) ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, options.window_log);
  std::string bytes(ZSTD_compressBound(content.size()) + 64, '\0');
  ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
  ZSTD_inBuffer in{content.data(), content.size(), 0};
  // Without a pledged size and in two calls, or zstd would know the size anyway and shrink the window to it.
  if (options.content_size) {
    ZSTD_CCtx_setPledgedSrcSize(context, content.size());
  } else {
    ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue);
  }
  EXPECT_EQ(ZSTD_compressStream2(context, &out, &in, ZSTD_e_end), 0u);
  ZSTD_freeCCtx(context);
  bytes.resize(out.pos);
  return bytes;
}

std::string skippable(std::string_view content) {
  std::string bytes("\x5A\x2A\x4D\x18", 4);
  for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(content.size() >> (8 * i)));
  return bytes + std::string(content);
}

class Envelope : public testing::Test {
 protected:
  /// Decodes a file of these bytes; the content, or the error.
  absl::StatusOr<std::string> decode(const std::string& bytes, const DecodeLimits& limits = {}) {
    const std::string path = scratch_ / "in.c1z";
    const std::string out = scratch_ / "out";
    write_file(path, bytes);
    std::filesystem::remove(out);
    const auto source = open_for_reading(path);
    const auto target = create_exclusively(out, 0600);
    const auto size = decompress_v1(*source, path, *target, limits);
    if (!size.ok()) return size.status();
    const std::string content = read_file(out);
    EXPECT_EQ(*size, content.size());
    return content;
  }
  std::string v1(const std::string& stream) { return std::string(kMagicV1) + stream; }
  void expect_refusal(const std::string& bytes, absl::StatusCode code, const std::string& words,
                      const DecodeLimits& limits = {}) {
    const auto decoded = decode(bytes, limits);
    ASSERT_FALSE(decoded.ok()) << "decoded " << decoded->size() << " bytes";
    EXPECT_EQ(decoded.status().code(), code) << decoded.status();
    EXPECT_THAT(std::string(decoded.status().message()), HasSubstr(words));
    EXPECT_THAT(std::string(decoded.status().message()), HasSubstr("in.c1z"));
  }

  Scratch scratch_;
};

TEST_F(Envelope, WhatItCompressesIsOneFrameWithSizeAndChecksum) {
  const std::string content = pattern(300'000);
  write_file(scratch_ / "db", content);
  const auto source = open_for_reading(scratch_ / "db");
  const auto target = create_exclusively(scratch_ / "out.c1z", 0600);
  const auto written = compress_v1(*source, content.size(), *target, CompressOptions());
  ASSERT_TRUE(written.ok()) << written.status();
  const std::string bytes = read_file(scratch_ / "out.c1z");
  EXPECT_EQ(*written, bytes.size());
  ASSERT_EQ(bytes.substr(0, 5), std::string("C1ZF\0", 5));
  const std::string stream = bytes.substr(5);
  EXPECT_EQ(ZSTD_getFrameContentSize(stream.data(), stream.size()), content.size());
  EXPECT_EQ(ZSTD_findFrameCompressedSize(stream.data(), stream.size()), stream.size());
  EXPECT_EQ(stream[4] & 0x04, 0x04) << "no checksum";
  const auto decoded = decode(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, content);
}

TEST_F(Envelope, BytesDoNotDependOnTheNumberOfWorkers) {
  const std::string content = pattern(20'000'000);
  write_file(scratch_ / "db", content);
  std::vector<std::string> outcomes;
  for (const int workers : {1, 2, 4}) {
    const std::string path = scratch_ / std::to_string(workers);
    const auto source = open_for_reading(scratch_ / "db");
    const auto target = create_exclusively(path, 0600);
    CompressOptions options;
    options.workers = workers;
    ASSERT_TRUE(compress_v1(*source, content.size(), *target, options).ok());
    outcomes.push_back(read_file(path));
  }
  EXPECT_EQ(outcomes[0], outcomes[1]);
  EXPECT_EQ(outcomes[0], outcomes[2]);
}

TEST_F(Envelope, ProgressCanStopACompression) {
  write_file(scratch_ / "db", pattern(5'000'000));
  const auto source = open_for_reading(scratch_ / "db");
  const auto target = create_exclusively(scratch_ / "out.c1z", 0600);
  CompressOptions options;
  options.progress = [](std::uint64_t done) {
    return done < 2'000'000 ? absl::OkStatus() : absl::CancelledError("enough");
  };
  EXPECT_EQ(compress_v1(*source, 5'000'000, *target, options).status().message(), "enough");
}

TEST_F(Envelope, AFullDiskIsResourceExhausted) {
  write_file(scratch_ / "db", pattern(5'000'000));
  const auto source = open_for_reading(scratch_ / "db");
  const int full = ::open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  const File target(full);
  EXPECT_EQ(compress_v1(*source, 5'000'000, target, CompressOptions()).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(Envelope, AcceptsFramesWithoutSizeOrChecksum) {
  const std::string content = pattern(1'000'000);
  EXPECT_EQ(*decode(v1(frame(content, {false, false, 0}))), content);
  EXPECT_EQ(*decode(v1(frame(content, {true, false, 0}))), content);
  EXPECT_EQ(*decode(v1(frame(content, {false, true, 0}))), content);
}

TEST_F(Envelope, AcceptsManyFramesAndSkippableOnesAnywhere) {
  const std::string a = pattern(100'000);
  const std::string b = pattern(200);
  const std::string stream =
      skippable("hello") + frame(a) + skippable("") + frame("") + frame(b) + skippable(pattern(700'000));
  EXPECT_EQ(*decode(v1(stream)), a + b);
}

TEST_F(Envelope, TheMagicAloneHoldsNothing) {
  EXPECT_EQ(*decode(v1("")), "");
}

TEST_F(Envelope, AcceptsAWindowOf128MiBAndNoMore) {
  const std::string content = pattern(1000);
  EXPECT_EQ(*decode(v1(frame(content, {false, true, 27}))), content);
  expect_refusal(v1(frame(content, {false, true, 28})), absl::StatusCode::kResourceExhausted,
                 "BATON_DECODER_MAX_MEMORY_MB");
  DecodeLimits wider;
  wider.max_window_bytes = std::uint64_t{256} << 20;
  EXPECT_EQ(*decode(v1(frame(content, {false, true, 28})), wider), content);
}

TEST_F(Envelope, TheDecodedSizeMayReachItsLimitButNotPassIt) {
  const std::string content = pattern(100'000);
  DecodeLimits limits;
  limits.max_decoded_bytes = content.size();
  EXPECT_EQ(*decode(v1(frame(content)), limits), content);
  limits.max_decoded_bytes = content.size() - 1;
  const std::string name = "BATON_DECODER_MAX_DECODED_SIZE_MB";
  expect_refusal(v1(frame(content)), absl::StatusCode::kResourceExhausted, name, limits);
  expect_refusal(v1(frame(content, {false, true, 0})), absl::StatusCode::kResourceExhausted, name, limits);
  limits.trust_declared_size_to_refuse = false;
  expect_refusal(v1(frame(content)), absl::StatusCode::kResourceExhausted, name, limits);
  // The limit is on the sum of all frames.
  limits.max_decoded_bytes = 150'000;
  expect_refusal(v1(frame(content) + frame(content)), absl::StatusCode::kResourceExhausted, name, limits);
}

TEST_F(Envelope, ADeclaredSizeOverTheLimitIsRefusedBeforeAnythingIsDecoded) {
  // The frame says 100,000 bytes and then breaks off: with the early refusal on, nobody gets to see that.
  const std::string cut = frame(pattern(100'000)).substr(0, 40);
  DecodeLimits limits;
  limits.max_decoded_bytes = 50'000;
  expect_refusal(v1(cut), absl::StatusCode::kResourceExhausted, "holds more than", limits);
  limits.trust_declared_size_to_refuse = false;
  expect_refusal(v1(cut), absl::StatusCode::kDataLoss, "middle of a zstd frame", limits);
}

TEST_F(Envelope, RefusesBrokenFilesAndSaysHow) {
  const std::string content = pattern(50'000);
  const std::string whole = frame(content);
  using enum absl::StatusCode;
  expect_refusal("", kInvalidArgument, "is not a c1z file: it is empty");
  expect_refusal("C1Z", kInvalidArgument, "is not a c1z file: it is only a few bytes long");
  expect_refusal("PK\x03\x04 a zip file", kInvalidArgument, "is not a c1z file");
  expect_refusal(std::string("C1ZF\x01", 5) + whole, kInvalidArgument, "is not a c1z file");
  expect_refusal(std::string(kMagicV3) + "....", kInvalidArgument, "of version 3, not of version 1");
  expect_refusal(v1("not a frame at all"), kDataLoss, "what follows its magic is not a zstd stream");
  expect_refusal(v1("\x28\xB5"), kDataLoss, "what follows its magic is not a zstd stream");
  expect_refusal(v1("\x28\xB5\x2F\xFD"), kDataLoss, "middle of a zstd frame");
  expect_refusal(v1(whole.substr(0, whole.size() / 2)), kDataLoss, "middle of a zstd frame");
  expect_refusal(v1(whole.substr(0, whole.size() - 1)), kDataLoss, "middle of a zstd frame");
  expect_refusal(v1(whole + std::string(1, '\0')), kDataLoss, "something behind its last zstd frame");
  expect_refusal(v1(whole + std::string(64, '\0')), kDataLoss, "something behind its last zstd frame");
  expect_refusal(v1(whole + "trailing"), kDataLoss, "something behind its last zstd frame");
  expect_refusal(v1(whole + whole.substr(0, 100)), kDataLoss, "middle of a zstd frame");
  expect_refusal(v1(skippable("cut").substr(0, 9)), kDataLoss, "middle of a zstd frame");
  std::string checksum = whole;
  checksum.back() = static_cast<char>(checksum.back() ^ 1);
  expect_refusal(v1(checksum), kDataLoss, "checksum");
  std::string middle = whole;
  std::memset(middle.data() + middle.size() / 2, 0xFF, 40);
  expect_refusal(v1(middle), kDataLoss, "is damaged near byte");
  std::string reserved = whole;
  reserved[4] = static_cast<char>(reserved[4] | 0x08);
  expect_refusal(v1(reserved), kDataLoss, "is damaged near byte");
}

TEST_F(Envelope, InspectTellsWhatStandsAtAPath) {
  const auto kind = [&](const std::string& bytes) {
    write_file(scratch_ / "f", bytes);
    return *inspect(scratch_ / "f");
  };
  EXPECT_EQ(*inspect(scratch_ / "nothing"), FileKind::kMissing);
  EXPECT_EQ(kind(""), FileKind::kEmpty);
  EXPECT_EQ(kind(v1("")), FileKind::kV1);
  EXPECT_EQ(kind(std::string(kMagicV3)), FileKind::kV3);
  EXPECT_EQ(kind("C1ZF"), FileKind::kOther);
  EXPECT_EQ(kind("hello world"), FileKind::kOther);
  EXPECT_EQ(*inspect(scratch_.folder()), FileKind::kNotAFile);
  EXPECT_EQ(inspect(scratch_ / "f/below").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(DecodeLimits, AreReadFromTheEnvironment) {
  {
    const DecodeLimits limits = *DecodeLimits::from_environment();
    EXPECT_EQ(limits.max_decoded_bytes, std::uint64_t{10} << 30);
    EXPECT_EQ(limits.max_window_bytes, std::uint64_t{128} << 20);
    EXPECT_TRUE(limits.trust_declared_size_to_refuse);
  }
  const Environment size("BATON_DECODER_MAX_DECODED_SIZE_MB", "3");
  const Environment memory("BATON_DECODER_MAX_MEMORY_MB", "256");
  const Environment fail_fast("BATON_DISABLE_FCS_FAIL_FAST", "1");
  const DecodeLimits limits = *DecodeLimits::from_environment();
  EXPECT_EQ(limits.max_decoded_bytes, std::uint64_t{3} << 20);
  EXPECT_EQ(limits.max_window_bytes, std::uint64_t{256} << 20);
  EXPECT_FALSE(limits.trust_declared_size_to_refuse);
}

TEST(DecodeLimits, ZeroIsAnErrorAndWhatIsNoNumberIsIgnored) {
  {
    const Environment zero("BATON_DECODER_MAX_DECODED_SIZE_MB", "0");
    const auto limits = DecodeLimits::from_environment();
    EXPECT_EQ(limits.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(limits.status().message()), HasSubstr("BATON_DECODER_MAX_DECODED_SIZE_MB"));
  }
  for (const char* text : {"", "many", "10x", "-1", "99999999999999999999"}) {
    const Environment odd("BATON_DECODER_MAX_DECODED_SIZE_MB", text);
    EXPECT_EQ(DecodeLimits::from_environment()->max_decoded_bytes, std::uint64_t{10} << 30) << text;
  }
}

}  // namespace
}  // namespace baton::c1z
