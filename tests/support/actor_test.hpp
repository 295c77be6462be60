#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

namespace baton::test {

/// Runs actors on the calling thread, one message at a time, on a clock that stands still until it is moved.
/// Actors with threads of their own have no place here.
class ActorTest : public ::testing::Test {
 protected:
  class Config : public caf::actor_system_config {
   public:
    Config() { set("scheduler.policy", caf::atom("testing")); }
  };

  /// Kills what the test left running: a live timer would block the end of the system.
  ~ActorTest() override {
    for (const caf::actor_addr& address : spawned_) self->send_exit(address, caf::exit_reason::kill);
    settle();
  }

  template <class... Ts>
  auto spawn(Ts&&... arguments) {
    auto handle = system.spawn(std::forward<Ts>(arguments)...);
    spawned_.push_back(handle.address());
    return handle;
  }

  /// Delivers messages until every mailbox is empty. Does not touch the clock.
  std::size_t settle() {
    std::size_t delivered = 0;
    while (scheduler.try_run_once()) ++delivered;
    return delivered;
  }

  /// Moves the clock, fires what is due, then settles.
  void advance(caf::timespan by) {
    scheduler.advance_time(by);
    settle();
  }

  Config config;
  caf::actor_system system{config};
  /// Hidden: the end of the system does not wait for it.
  caf::scoped_actor self{system, true};
  caf::scheduler::test_coordinator& scheduler =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());

 private:
  std::vector<caf::actor_addr> spawned_;
};

}  // namespace baton::test
