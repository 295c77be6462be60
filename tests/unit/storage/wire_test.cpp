#include "storage/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace baton::storage::wire {
namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (const unsigned char byte : bytes) {
    text.push_back("0123456789abcdef"[byte >> 4]);
    text.push_back("0123456789abcdef"[byte & 15]);
  }
  return text;
}

TEST(Writer, WritesFieldsAsTheWireFormatSays) {
  std::string buffer;
  Writer writer(buffer, 0);
  writer.number_field(1, 150);
  writer.number_field(2, 0);
  writer.string_field(2, "testing");
  writer.string_field(3, "");
  writer.bytes_field(3, "");
  writer.number_field(20, std::numeric_limits<std::uint64_t>::max());
  writer.finish();
  EXPECT_EQ(hex(buffer),
            "0896011207"
            "74657374696e67"
            "1a00"
            "a001"
            "ffffffffffffffffff01");
}

TEST(Writer, NestedMessagesOfAnyLengthGetTheirLength) {
  for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 128U, 16380U, 16384U, 70000U}) {
    std::string buffer;
    Writer writer(buffer, 0);
    const Writer::Mark outer = writer.open(1);
    const Writer::Mark inner = writer.open(2);
    const std::string text(size, 'x');
    writer.bytes(text);
    writer.close(inner);
    writer.close(outer);
    writer.finish();

    Reader reader(buffer);
    Field field;
    ASSERT_TRUE(reader.next(field));
    EXPECT_EQ(field.number, 1U);
    Reader nested(field.bytes);
    Field content;
    ASSERT_TRUE(nested.next(content));
    EXPECT_EQ(content.number, 2U);
    EXPECT_EQ(content.bytes, text);
    EXPECT_FALSE(nested.next(content));
    EXPECT_FALSE(reader.next(field));
    EXPECT_FALSE(reader.failed());
  }
}

TEST(Writer, AnEmptyNestedMessageCanBeTakenBack) {
  std::string buffer;
  Writer writer(buffer, 0);
  writer.string_field(1, "a");
  const Writer::Mark mark = writer.open(2);
  writer.close_or_drop(mark);
  writer.finish();
  EXPECT_EQ(hex(buffer), "0a0161");
}

TEST(Reader, RefusesWhatIsNotAMessage) {
  using namespace std::string_view_literals;
  for (const std::string_view bytes :
       {"\x0a"sv, "\x0a\x02x"sv, "\x08"sv, "\x08\xff"sv, "\x0d\1\2\3"sv, "\x09\1\2\3\4\5\6\7"sv, "\x0b"sv,
        "\x0c"sv, "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,
        "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv}) {
    Reader reader(bytes);
    Field field;
    while (reader.next(field)) {
    }
    EXPECT_TRUE(reader.failed()) << hex(bytes);
  }
}

}  // namespace
}  // namespace baton::storage::wire
