#include "unit/c1z/v3/packed_file.hpp"

#include <gtest/gtest.h>
#include <zstd.h>

#include <cstdio>
#include <span>

#include "base/hash.hpp"
#include "base/tuple_key.hpp"
#include "storage/c1z/v3/envelope_reader.hpp"

namespace baton::c1z::v3 {

namespace {

void take_apart(const std::string& path, PackedFile& packed) {
  const auto reader = EnvelopeReader::open(path, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  packed.manifest = (*reader)->manifest();
  for (const auto& [name, size] : (*reader)->sizes()) {
    std::string& content = packed.files[name];
    content.resize(static_cast<std::size_t>(size));
    const auto file = (*reader)->file(name);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE(file->read(0, std::as_writable_bytes(std::span(content))).ok());
  }
}

}  // namespace

PackedFile::PackedFile(const std::string& path) {
  take_apart(path, *this);
}

std::string zstd_frame(const std::string& content) {
  std::string frame(ZSTD_compressBound(content.size()), '\0');
  frame.resize(ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 1));
  return frame;
}

std::string PackedFile::head(c1::c1z::v3::PayloadEncoding encoding) const {
  c1::c1z::v3::C1ZManifestV3 copy = manifest;
  copy.set_payload_encoding(encoding);
  const std::string bytes = copy.SerializeAsString();
  std::string head(kMagicV3);
  append_be32(head, static_cast<std::uint32_t>(bytes.size()));
  return head + bytes;
}

std::string PackedFile::indexed(const std::function<void(Index&)>& change) const {
  std::string file = head(c1::c1z::v3::PAYLOAD_ENCODING_INDEXED_ZSTD);
  Index index;
  index.set_manifest_xxh64(hash64(std::string_view(file).substr(9)));
  for (const auto& [name, content] : files) {
    const std::string frame = zstd_frame(content);
    auto& entry = *index.add_entries();
    entry.set_name(name);
    entry.set_frame_offset(static_cast<std::int64_t>(file.size()));
    entry.set_compressed_size(static_cast<std::int64_t>(frame.size()));
    entry.set_raw_size(static_cast<std::int64_t>(content.size()));
    entry.set_raw_xxh64(hash64(content));
    entry.set_raw_sha256(std::string(32, 's'));
    file += frame;
  }
  if (change) change(index);
  const std::string bytes = index.SerializeAsString();
  const std::size_t at = file.size();
  file += bytes;
  append_be64(file, at);
  append_be32(file, static_cast<std::uint32_t>(bytes.size()));
  append_be64(file, hash64(bytes));
  return file + std::string("C1ZIDX1\0", 8);
}

std::string tar_header(const std::string& name, std::size_t size, char type, unsigned mode) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  const auto octal = [&](std::size_t at, int width, std::size_t value) {
    char digits[24];
    std::snprintf(digits, sizeof digits, "%0*zo", width, value);
    header.replace(at, static_cast<std::size_t>(width), digits);
  };
  octal(100, 7, mode);
  octal(124, 11, size);
  header[156] = type;
  header.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  header.replace(148, 8, "        ");
  std::size_t sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  octal(148, 6, sum);
  header[154] = '\0';
  return header;
}

std::string PackedFile::archive() const {
  std::string archive = tar_header("db/", 0, '5', 0755);
  for (const auto& [name, content] : files) {
    archive += tar_header(name, content.size()) + content;
    archive.resize((archive.size() + 511) / 512 * 512);
  }
  return archive + std::string(1024, '\0');
}

std::string PackedFile::tar() const {
  return head(c1::c1z::v3::PAYLOAD_ENCODING_TAR) + archive();
}

std::string PackedFile::tar_zstd() const {
  return head(c1::c1z::v3::PAYLOAD_ENCODING_TAR_ZSTD) + zstd_frame(archive());
}

}  // namespace baton::c1z::v3
