#pragma once

#include <boost/asio/awaitable.hpp>

namespace baton {

/// An asynchronous computation of a `T`, started when it is awaited or spawned.
///
/// Connector code, the HTTP client and the engine's bridge all speak this type. g++ 12 destroys aggregate
/// temporaries of an awaited expression twice, so every type that goes into or comes out of a task has a
/// user-declared constructor; `docs/author-guide.md` shows the safe forms on its first page.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace baton
