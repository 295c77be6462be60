#include "http/permit.hpp"

#include <utility>

namespace baton::http {

Permit::Permit(Permit&& other) noexcept
    : give_back_(std::exchange(other.give_back_, nullptr)), spent_(other.spent_) {}

Permit& Permit::operator=(Permit&& other) noexcept {
  if (this != &other) {
    release();
    give_back_ = std::exchange(other.give_back_, nullptr);
    spent_ = other.spent_;
  }
  return *this;
}

void Permit::release() {
  if (const GiveBack give_back = std::exchange(give_back_, nullptr)) give_back(spent_);
}

Task<absl::StatusOr<Permit>> UnlimitedPermits::acquire(std::string_view) {
  co_return Permit();
}

void UnlimitedPermits::report(std::string_view, const ResponseFacts&) {}

}  // namespace baton::http
