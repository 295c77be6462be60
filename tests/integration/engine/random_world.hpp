#pragma once

#include <cstdint>

#include "support/scripted_connector.hpp"

namespace baton::test {

/// What goes wrong in a random world; nothing of it may leave a trace in the result.
enum class Weather { kFair, kFaults };

/// An organisation that a seed decides: types with any markers, pages of any size, chains and siblings,
/// children, static and type-scoped lists, nested groups, rows that repeat, contradict each other or refer to
/// nothing. The same for one seed, whatever the weather.
///
/// Tokens tell where they stand: "p2" is page 2 of a list, "s1" the first page of a sibling, "s1.2" its
/// third.
void script_random_world(ScriptedConnector& connector, std::uint64_t seed, Weather weather);

}  // namespace baton::test
