#pragma once

#include <zstd.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

/// zstd's encoder behind an owning handle. Private to this folder.
namespace baton::c1z {

class FreeCompressor {
 public:
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
using Compressor = std::unique_ptr<ZSTD_CCtx, FreeCompressor>;

/// An encoder of frames with a content checksum; null when there is no memory. The window stays below 128 MiB
/// at every level zstd has. `workers` are threads beside the caller's, 0 for none; a zstd built without
/// threads has none.
inline Compressor make_compressor(int level, int workers) {
  Compressor compressor(ZSTD_createCCtx());
  if (compressor == nullptr) return compressor;
  ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(compressor.get(), ZSTD_c_nbWorkers, workers);
  return compressor;
}

}  // namespace baton::c1z
