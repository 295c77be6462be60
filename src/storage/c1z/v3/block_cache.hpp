#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "storage/c1z/v3/data_block.hpp"

namespace baton::c1z::v3 {

/// Keeps the blocks that were looked into last, up to so many bytes. Not thread-safe.
class BlockCache {
 public:
  explicit BlockCache(std::size_t capacity) : capacity_(capacity) {}

  /// A block by its file's number and where it lies there; null when it is not kept.
  std::shared_ptr<const DataBlock> get(std::uint64_t file, std::uint64_t offset) {
    const auto at = places_.find({file, offset});
    if (at == places_.end()) return nullptr;
    blocks_.splice(blocks_.begin(), blocks_, at->second);
    return blocks_.front().block;
  }
  void put(std::uint64_t file, std::uint64_t offset, std::shared_ptr<const DataBlock> block) {
    bytes_ += block->memory();
    blocks_.push_front({{file, offset}, std::move(block)});
    places_[{file, offset}] = blocks_.begin();
    while (bytes_ > capacity_ && blocks_.size() > 1) {
      bytes_ -= blocks_.back().block->memory();
      places_.erase(blocks_.back().place);
      blocks_.pop_back();
    }
  }

 private:
  using Place = std::pair<std::uint64_t, std::uint64_t>;
  class Kept {
   public:
    Place place;
    std::shared_ptr<const DataBlock> block;
  };

  std::size_t capacity_;
  std::size_t bytes_ = 0;
  std::list<Kept> blocks_;
  std::map<Place, std::list<Kept>::iterator> places_;
};

}  // namespace baton::c1z::v3
