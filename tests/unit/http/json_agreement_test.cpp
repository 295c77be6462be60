#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "http/json.hpp"

namespace baton::http {
namespace {

// The oracle is simdjson's own tree parser, whose second stage shares nothing with our walk. The space: a
// page with every kind of value, damaged by one to three random edits. Left out: what we accept on purpose
// and it does not (numbers beyond its types, halves of surrogate pairs), and bare values as roots.

constexpr char kPage[] =
    R"({"items":[{"id":"u1","on":true,"off":false,"none":null,"n":-12.5e3,"tags":["a\n","\u00e9\\",[],{}]},)"
    "\n\t"
    R"({"id":17 , "x" : {"y":[0,1.25,{"z":""}]}}],"next":"Zoë"})";

bool accepts(const std::string& text) {
  Body body;
  return body.append(text) && JsonPool::create()->parse(std::move(body), "test").ok();
}

TEST(JsonAgreement, DamagedPagesGetTheVerdictOfAnotherParser) {
  constexpr std::uint32_t kSeed = 20260825;
  constexpr std::string_view kPieces = "{}[]:,\"\\ \n0159.-+eEtrufalsn\x01\xc3x";
  std::mt19937 random(kSeed);
  simdjson::dom::parser oracle;
  int accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = kPage;
    for (std::uint32_t edits = random() % 3 + 1; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      const char piece = kPieces[random() % kPieces.size()];
      switch (random() % 4) {
        case 0:
          text[at] = piece;
          break;
        case 1:
          text.insert(at, 1, piece);
          break;
        case 2:
          text.erase(at, 1);
          break;
        default:
          std::swap(text[at], text[random() % text.size()]);
      }
    }
    if (text.empty() || (text.front() != '{' && text.front() != '[')) continue;
    simdjson::dom::element root;
    const simdjson::error_code verdict = oracle.parse(simdjson::padded_string(text)).get(root);
    const bool ours = accepts(text);
    if (verdict == simdjson::SUCCESS) {
      ++accepted;
      EXPECT_TRUE(ours) << "seed " << kSeed << " round " << round << ": " << text;
    } else if (verdict != simdjson::STRING_ERROR) {
      EXPECT_FALSE(ours) << "seed " << kSeed << " round " << round << ": " << simdjson::error_message(verdict)
                         << ": " << text;
    }
  }
  // Both verdicts must have been exercised.
  EXPECT_GT(accepted, 1000);
  EXPECT_LT(accepted, 20'000);
}

}  // namespace
}  // namespace baton::http
