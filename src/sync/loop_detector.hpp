#pragma once

#include <string_view>

#include "baton/store/v1/plan.pb.h"

namespace baton::sync {

/// Brent's cycle detection over the page tokens of one cursor: two words of state that live in the cursor's
/// plan row, and any period is found after at most a few laps. Only an identical token counts as a loop,
/// because a token determines its page.
///
/// True when `token`, the next one to ask for, shows that the cursor goes in circles.
bool observe_token(baton::store::v1::LoopState& state, std::string_view token);

}  // namespace baton::sync
