#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include <caf/allowed_unsafe_message_type.hpp>

namespace baton::actors {

/// An immutable value that actors pass around without copying it.
template <class T>
class Shared {
 public:
  Shared() = default;
  explicit Shared(T value) : value_(std::make_shared<const T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  explicit operator bool() const { return value_ != nullptr; }
  const std::shared_ptr<const T>& pointer() const { return value_; }

 private:
  std::shared_ptr<const T> value_;
};

/// A value that is handed over exactly once: its one receiver calls `take()`.
template <class T>
class Parcel {
 public:
  Parcel() = default;
  explicit Parcel(T value) : value_(std::make_shared<T>(std::move(value))) {}

  T take() const { return std::move(*value_); }

 private:
  std::shared_ptr<T> value_;
};

}  // namespace baton::actors

// Process-local only: CAF must never try to serialize these.
namespace caf {

template <class T>
struct allowed_unsafe_message_type<baton::actors::Shared<T>> : std::true_type {};

template <class T>
struct allowed_unsafe_message_type<baton::actors::Parcel<T>> : std::true_type {};

}  // namespace caf
