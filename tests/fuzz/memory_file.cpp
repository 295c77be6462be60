#include "fuzz/memory_file.hpp"

#include <fcntl.h>
#include <google/protobuf/stubs/logging.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include <cstdlib>

#include "fuzz/require.hpp"
#include "storage/c1z/envelope.hpp"

namespace baton::fuzz {

MemoryFile::MemoryFile() : descriptor_(::memfd_create("fuzz", MFD_CLOEXEC)) {
  require(descriptor_ >= 0, "memfd_create works");
  path_ = "/proc/self/fd/" + std::to_string(descriptor_);
}

MemoryFile::~MemoryFile() {
  ::close(descriptor_);
}

void MemoryFile::assign(std::string_view bytes) {
  const bool written = ::ftruncate(descriptor_, 0) == 0 && ::pwrite(descriptor_, bytes.data(), bytes.size(),
                                                                    0) == static_cast<ssize_t>(bytes.size());
  require(written, "a file in memory can be written");
}

c1z::File MemoryFile::open() const {
  c1z::File file(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  require(file.is_open(), "a file in memory can be opened");
  return file;
}

std::string as_v1(std::string_view database) {
  std::string file(c1z::kMagicV1);
  const std::size_t head = file.size();
  file.resize(head + ZSTD_compressBound(database.size()));
  const std::size_t size =
      ZSTD_compress(file.data() + head, file.size() - head, database.data(), database.size(), 1);
  require(ZSTD_isError(size) == 0, "zstd compresses");
  file.resize(head + size);
  return file;
}

void bound_reader() {
  google::protobuf::SetLogHandler(nullptr);  // it has a line for each bad byte
  ::setenv("BATON_DECODER_MAX_DECODED_SIZE_MB", "16", 1);
  ::setenv("BATON_DECODER_MAX_MEMORY_MB", "8", 1);
  if (::access("/dev/shm", W_OK) == 0) ::setenv("BATON_TMPDIR", "/dev/shm", 1);
}

}  // namespace baton::fuzz
