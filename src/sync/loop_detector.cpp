#include "sync/loop_detector.hpp"

#include "base/hash.hpp"

namespace baton::sync {

bool observe_token(baton::store::v1::LoopState& state, std::string_view token) {
  const Hash128 hash = hash128(token);
  if (state.power() != 0 && hash.high == state.hash_high() && hash.low == state.hash_low()) return true;
  if (state.length() + 1 >= state.power()) {
    // The hare has run a power of two steps: the tortoise jumps to it.
    state.set_hash_high(hash.high);
    state.set_hash_low(hash.low);
    state.set_power(state.power() == 0 ? 1 : state.power() * 2);
    state.set_length(0);
  } else {
    state.set_length(state.length() + 1);
  }
  return false;
}

}  // namespace baton::sync
