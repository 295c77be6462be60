#include "storage/c1z/pages/key_sorter.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

namespace baton::c1z {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
/// What stands before a key in the file: its row, its size.
constexpr std::size_t kHeadBytes = sizeof(std::int64_t) + sizeof(std::uint32_t);

}  // namespace

class KeySorter::Run {
 public:
  Run(const File& file, std::uint64_t begin, std::uint64_t end) : file_(file), at_(begin), end_(end) {}

  absl::StatusOr<bool> next() {
    if (at_ == end_ && used_ == buffer_.size()) return false;
    if (absl::Status status = make_visible(kHeadBytes); !status.ok()) return status;
    std::uint32_t size = 0;
    std::memcpy(&row_, buffer_.data() + used_, sizeof row_);
    std::memcpy(&size, buffer_.data() + used_ + sizeof row_, sizeof size);
    if (absl::Status status = make_visible(kHeadBytes + size); !status.ok()) return status;
    key_ = std::string_view(buffer_).substr(used_ + kHeadBytes, size);
    used_ += kHeadBytes + size;
    return true;
  }
  std::string_view key() const { return key_; }
  std::int64_t row() const { return row_; }

 private:
  absl::Status make_visible(std::size_t wanted) {
    if (buffer_.size() - used_ >= wanted) return absl::OkStatus();
    buffer_.erase(0, std::exchange(used_, 0));
    std::size_t have = buffer_.size();
    buffer_.resize(std::max(have + std::min<std::uint64_t>(end_ - at_, kReadBytes), wanted));
    while (have < buffer_.size()) {
      const ssize_t got =
          ::pread(file_.descriptor(), buffer_.data() + have,
                  std::min<std::uint64_t>(buffer_.size() - have, end_ - at_), static_cast<off_t>(at_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_status(errno, "reading sorted keys back");
      if (got == 0) return absl::DataLossError("sorted keys end early when they are read back");
      have += static_cast<std::size_t>(got);
      at_ += static_cast<std::uint64_t>(got);
    }
    return absl::OkStatus();
  }

  const File& file_;
  std::uint64_t at_;
  std::uint64_t end_;
  std::string buffer_;
  std::size_t used_ = 0;
  std::string_view key_;
  std::int64_t row_ = 0;
};

namespace {

/// Heaps have their largest in front; this one is to have the smallest.
constexpr auto kComesLater = [](const auto& a, const auto& b) {
  return std::tuple(a->key(), a->row()) > std::tuple(b->key(), b->row());
};

}  // namespace

KeySorter::KeySorter(std::string folder, std::size_t memory_bytes)
    : folder_(std::move(folder)), memory_bytes_(memory_bytes) {}
KeySorter::~KeySorter() = default;

absl::Status KeySorter::add(std::string_view key, std::int64_t row) {
  if (!entries_.empty() && bytes_.size() + key.size() + entries_.size() * sizeof(Entry) > memory_bytes_) {
    if (absl::Status status = spill(); !status.ok()) return status;
  }
  entries_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()), row});
  bytes_.append(key);
  ++count_;
  return absl::OkStatus();
}

void KeySorter::sort() {
  std::ranges::sort(entries_, [this](const Entry& a, const Entry& b) {
    return std::tuple(key_of(a), a.row) < std::tuple(key_of(b), b.row);
  });
}

absl::Status KeySorter::spill() {
  if (!file_.has_value()) {
    absl::StatusOr<TemporaryFile> file = TemporaryFile::create(folder_, ".c1z-");
    if (!file.ok()) return file.status();
    file_ = *std::move(file);
    file_->unlink();
  }
  sort();
  std::string block;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    block.append(reinterpret_cast<const char*>(&entry.row), sizeof entry.row);
    block.append(reinterpret_cast<const char*>(&entry.size), sizeof entry.size);
    block.append(key_of(entry));
    if (block.size() < kReadBytes && i + 1 < entries_.size()) continue;
    if (absl::Status status = file_->file().write(std::as_bytes(std::span(block))); !status.ok())
      return status;
    file_bytes_ += block.size();
    block.clear();
  }
  run_ends_.push_back(file_bytes_);
  entries_.clear();
  bytes_.clear();
  return absl::OkStatus();
}

absl::Status KeySorter::rewind() {
  if (!file_.has_value()) {
    if (!std::exchange(sorted_, true)) sort();
    at_ = 0;
    return absl::OkStatus();
  }
  if (!entries_.empty()) {
    if (absl::Status status = spill(); !status.ok()) return status;
  }
  bytes_ = {};
  entries_ = {};
  runs_.clear();
  std::uint64_t begin = 0;
  for (const std::uint64_t end : run_ends_) {
    auto run = std::make_unique<Run>(file_->file(), std::exchange(begin, end), end);
    const absl::StatusOr<bool> more = run->next();
    if (!more.ok()) return more.status();
    if (*more) runs_.push_back(std::move(run));
  }
  std::ranges::make_heap(runs_, kComesLater);
  at_ = 0;
  return absl::OkStatus();
}

absl::StatusOr<bool> KeySorter::next() {
  if (!file_.has_value()) {
    if (at_ == entries_.size()) return false;
    key_ = key_of(entries_[at_]);
    row_ = entries_[at_].row;
    ++at_;
    return true;
  }
  if (at_++ > 0) {
    // The run in front was the answer before; its view was valid until now.
    std::ranges::pop_heap(runs_, kComesLater);
    const absl::StatusOr<bool> more = runs_.back()->next();
    if (!more.ok()) return more.status();
    if (*more) {
      std::ranges::push_heap(runs_, kComesLater);
    } else {
      runs_.pop_back();
    }
  }
  if (runs_.empty()) return false;
  key_ = runs_.front()->key();
  row_ = runs_.front()->row();
  return true;
}

}  // namespace baton::c1z
