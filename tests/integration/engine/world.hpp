#pragma once

#include <cstddef>

#include "support/scripted_connector.hpp"

namespace baton::test {

/// A small organisation that uses every shape a sync knows: pages, siblings, children, static and type-scoped
/// entitlements, nested groups that expand, rows that repeat and contradict each other. The same at every
/// call.
void script_world(ScriptedConnector& connector);

}  // namespace baton::test
