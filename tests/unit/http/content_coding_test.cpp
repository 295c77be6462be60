#include "http/content_coding.hpp"

#include <string>

#include <gtest/gtest.h>
#include <zlib.h>

#include "absl/strings/escaping.h"

namespace baton::http {
namespace {

/// `{"items":[1,2,3]}`, coded by the reference programs.
constexpr std::string_view kPlain = "{\"items\":[1,2,3]}";

Body body_of(std::string_view bytes) {
  Body body;
  EXPECT_TRUE(body.append(bytes));
  body.seal();
  return body;
}

std::string unhex(std::string_view hex) {
  return absl::HexStringToBytes(absl::string_view(hex.data(), hex.size()));
}

const std::string& coded(std::string_view coding) {
  static const std::string gzip =
      unhex("1f8b0800000000000203ab56ca2c49cd2d56b28a36d431d2318ead0500eab8283d11000000");
  static const std::string deflate = unhex("789cab56ca2c49cd2d56b28a36d431d2318ead05003218053f");
  static const std::string raw = unhex("ab56ca2c49cd2d56b28a36d431d2318ead0500");
  static const std::string brotli = unhex("0b08807b226974656d73223a5b312c322c335d7d03");
  static const std::string zstd = unhex("28b52ffd24118900007b226974656d73223a5b312c322c335d7ddafc558a");
  if (coding == "gzip") return gzip;
  if (coding == "deflate") return deflate;
  if (coding == "raw") return raw;
  return coding == "br" ? brotli : zstd;
}

std::string gzip_of(std::string plain) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string coded(plain.size() + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(coded.data());
  stream.avail_out = static_cast<uInt>(coded.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  coded.resize(stream.total_out);
  deflateEnd(&stream);
  return coded;
}

TEST(ContentCoding, EveryCodingIsUndone) {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    Body plain;
    const absl::Status status = decode_body(coding, body_of(coded(coding)), 1000, plain);
    EXPECT_TRUE(status.ok()) << coding << ": " << status;
    EXPECT_EQ(plain.view(), kPlain) << coding;
  }
  Body plain;
  EXPECT_TRUE(decode_body(" X-GZIP ", body_of(coded("gzip")), 1000, plain).ok());
  EXPECT_TRUE(decode_body("deflate", body_of(coded("raw")), 1000, plain).ok());
  EXPECT_EQ(plain.view(), kPlain) << "deflate without the zlib frame";
}

TEST(ContentCoding, SeveralMembersOfGzipAreOneBody) {
  Body plain;
  ASSERT_TRUE(decode_body("gzip", body_of(coded("gzip") + coded("gzip")), 1000, plain).ok());
  EXPECT_EQ(plain.view(), std::string(kPlain) + std::string(kPlain));
}

TEST(ContentCoding, WhatEndsEarlyOrIsDamagedIsAnError) {
  for (const std::string_view coding : {"gzip", "deflate", "br", "zstd"}) {
    const std::string& whole = coded(coding);
    for (std::size_t size = 1; size < whole.size(); ++size) {
      Body plain;
      EXPECT_FALSE(decode_body(coding, body_of(whole.substr(0, size)), 1000, plain).ok())
          << coding << " " << size;
    }
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
      Body plain;
      (void)decode_body(coding, body_of(damaged), 1000, plain).ok();
    }
  }
}

TEST(ContentCoding, ABombIsStoppedAtTheLimit) {
  const std::string bomb = gzip_of(std::string(1'000'000, '\0'));
  Body plain;
  EXPECT_EQ(decode_body("gzip", body_of(bomb), 1000, plain).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(decode_body("gzip", body_of(bomb), 1'000'000, plain).ok());
  EXPECT_EQ(plain.size(), 1'000'000u);
  EXPECT_EQ(decode_body("gzip", body_of(bomb), 999'999, plain).code(), absl::StatusCode::kResourceExhausted);
}

TEST(ContentCoding, OthersAreNamed) {
  Body plain;
  EXPECT_EQ(decode_body("compress", body_of("x"), 10, plain).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(is_coded(""));
  EXPECT_FALSE(is_coded(" Identity"));
  EXPECT_TRUE(is_coded("br"));
}

}  // namespace
}  // namespace baton::http
