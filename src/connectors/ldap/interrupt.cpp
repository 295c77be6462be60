#include "connectors/ldap/interrupt.hpp"

#include <sys/socket.h>

namespace baton::connectors::ldap {

void Interrupt::raise() {
  raised_.store(true, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void Interrupt::watch(int socket) {
  const std::lock_guard lock(mutex_);
  socket_ = socket;
  if (socket_ >= 0 && raised()) ::shutdown(socket_, SHUT_RDWR);
}

}  // namespace baton::connectors::ldap
