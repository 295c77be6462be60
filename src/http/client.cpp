#include "http/client.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/error_facts.hpp"
#include "base/hash.hpp"
#include "base/redact.hpp"
#include "http/connection_pool.hpp"
#include "http/content_coding.hpp"
#include "http/error_body.hpp"
#include "http/retry.hpp"
#include "http/status_code.hpp"
#include "http/token_keeper.hpp"

namespace baton::http {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMaxShownUrl = 300;
constexpr std::size_t kMaxShownBody = 300;
/// How often one request asks for another token: a service may wear tokens out faster than we use them.
constexpr int kMostRenewals = 16;
constexpr std::chrono::hours kNoLimit{24 * 365};
constexpr std::string_view kBearer = "Bearer ";
/// GitHub's words for a limit that its headers do not tell of, and how long it then wants to be left alone.
constexpr std::string_view kSecondaryLimit = "secondary rate limit";
constexpr std::chrono::minutes kSecondaryWait{1};

absl::string_view absl_view(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

/// What every message about a request starts with.
std::string describe(Method method, const Url& url) {
  std::string shown = redact_url(url.text());
  if (shown.size() > kMaxShownUrl) {
    shown.resize(kMaxShownUrl);
    shown += "...";
  }
  return absl::StrCat(absl_view(method_name(method)), " ", shown);
}

bool is_json_type(std::string_view content_type) {
  return content_type.empty() || (absl::StartsWithIgnoreCase(absl_view(content_type), "application") &&
                                  absl::StrContains(absl::AsciiStrToLower(absl_view(content_type)), "json"));
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

std::uint64_t nanoseconds_since(steady_clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(steady_clock::now() - start).count());
}

/// A body that is being read by pieces: what its exchange needs until the end.
class OpenBody {
 public:
  explicit OpenBody(Watchdog& watchdog) : watch(watchdog) {}

  Watch watch;
  Response response;
  ConnectionPool::Lease lease;
};

/// What one try came to: a failure below HTTP, a refusal by the permit source, or a response.
class Attempt {
 public:
  Attempt(Url start) : url(std::move(start)) {}

  /// Where the response came from, after redirects.
  Url url;
  absl::Status refused;
  NetworkFailure failure;
  Response response;
  RateLimitReading rate_limit;
  steady_clock::time_point sent_at;
  /// Which token it was sent with; 0 for none.
  std::uint64_t token_generation = 0;
  /// Our credentials went to where the response came from.
  bool shown_credentials = false;
  /// Leave the body of a success to be read by pieces, of so many bytes at most.
  std::optional<std::uint64_t> stream_limit;
  std::unique_ptr<OpenBody> open;
  /// Of the answer that is at hand: the service may say that it is still right.
  std::string etag;
  /// Why a redirect was not followed; a literal.
  std::string_view redirect_problem;
};
static_assert(!std::is_aggregate_v<Attempt>);

/// What the caller wants: the bytes, JSON, or a body by pieces.
class Wanted {
 public:
  explicit Wanted(bool as_json, std::optional<std::uint64_t> by_pieces = std::nullopt)
      : json(as_json), stream_limit(by_pieces) {}
  bool json;
  std::optional<std::uint64_t> stream_limit;
};
static_assert(!std::is_aggregate_v<Wanted>);

/// What the caller gets, as text or as JSON.
class Answer {
 public:
  Answer() = default;
  Response response;
  JsonDocument document;
  std::optional<Url> url;
  std::unique_ptr<OpenBody> open;
};
static_assert(!std::is_aggregate_v<Answer>);

/// Carries the cancellation of a caller on another executor over to the client's.
class CrossCancel {
 public:
  CrossCancel() = default;
  asio::cancellation_signal signal;
};

Task<bool> was_cancelled() {
  const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

}  // namespace

class Client::Core : public std::enable_shared_from_this<Client::Core> {
 public:
  Core(asio::any_io_executor executor, ClientOptions options, Url base_url, PermitSource& permits,
       RequestLog* log)
      : executor_(std::move(executor)),
        options_(std::move(options)),
        base_url_(std::move(base_url)),
        permits_(permits),
        log_(log),
        clock_(options_.clock != nullptr ? *options_.clock : system_clock_),
        entropy_(options_.entropy != nullptr ? *options_.entropy : system_entropy_),
        watchdog_(executor_, std::min({options_.timeouts.connect, options_.timeouts.tls,
                                       options_.timeouts.header, options_.timeouts.total}) /
                                 8),
        pool_(executor_, options_, counters_) {
    if (options_.cache.enabled) cache_.emplace(options_.cache);
    if (options_.limit_key.empty()) options_.limit_key = base_url_.origin() + account_mark();
    if (const auto& grant = options_.credentials.grant()) {
      tokens_.emplace(*grant, clock_, [this](TokenGrant wanted, TakeToken take) {
        fetch_token(std::move(wanted), std::move(take));
      });
    }
  }

  using TakeToken = std::function<void(absl::StatusOr<AccessToken>)>;

  /// Runs the request on the client's executor and resumes on the caller's.
  static Task<absl::StatusOr<Answer>> call(std::shared_ptr<Core> core, Request request, Wanted wanted) {
    const asio::any_io_executor own = co_await asio::this_coro::executor;
    if (own == core->executor_) co_return co_await run(std::move(core), std::move(request), wanted);
    co_return co_await cross(std::move(core), std::move(request), wanted);
  }

  void close() {
    watchdog_.abort_all();
    pool_.close_idle();
  }

  const Url& base_url() const { return base_url_; }
  const ClientCounters& counters() const { return counters_; }
  static Task<absl::StatusOr<Body>> next_piece(OpenBody& open, std::string place, bool& done) {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    NetworkFailure failure;
    if (!done) failure = co_await open.lease->read_piece(open.watch, open.response, done);
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (!failure) co_return std::exchange(open.response.body, Body());
    absl::Status status(failure.code(), absl::StrCat(place, ": ", failure.what()));
    set_retryable(status, is_worth_retrying(failure.fault(), true));
    co_return status;
  }

 private:
  static Task<absl::StatusOr<Answer>> cross(std::shared_ptr<Core> core, Request request, Wanted wanted) {
    auto start = [](auto handler, std::shared_ptr<Core> target, Request moved_request, Wanted moved_wanted) {
      const auto cancel = std::make_shared<CrossCancel>();
      const asio::any_io_executor there = target->executor_;
      const asio::any_io_executor back = asio::get_associated_executor(handler);
      if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
        slot.assign([cancel, there](asio::cancellation_type type) {
          asio::post(there, [cancel, type] { cancel->signal.emit(type); });
        });
      }
      auto finish = [cancel, back, handler = std::move(handler)](const std::exception_ptr& error,
                                                                 absl::StatusOr<Answer> answer) mutable {
        if (error) answer = absl::InternalError("the HTTP client failed unexpectedly");
        asio::post(back, [handler = std::move(handler), answer = std::move(answer)]() mutable {
          std::move(handler)(std::move(answer));
        });
      };
      asio::co_spawn(there, run(std::move(target), std::move(moved_request), moved_wanted),
                     asio::bind_cancellation_slot(cancel->signal.slot(), std::move(finish)));
    };
    return asio::async_initiate<const asio::use_awaitable_t<>, void(absl::StatusOr<Answer>)>(
        std::move(start), asio::use_awaitable, std::move(core), std::move(request), wanted);
  }

  static Task<absl::StatusOr<Answer>> run(std::shared_ptr<Core> core, Request request, Wanted wanted) {
    // Cancellation shows as a result here, not as an exception in the middle of a connection's state.
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    absl::StatusOr<Answer> result;
    bool failed = false;
    try {
      result = co_await core->all_tries(request, wanted);
    } catch (const std::exception& error) {
      result = absl::InternalError(absl::StrCat(absl_view(method_name(request.method)), " ",
                                                redact_url(request.target), ": ", error.what()));
      // A permit source may well answer a cancellation with an exception.
      failed = true;
    }
    if (failed && co_await was_cancelled()) {
      result = absl::CancelledError(absl::StrCat(absl_view(method_name(request.method)), " ",
                                                 redact_url(request.target), ": cancelled"));
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return result;
  }

  Task<absl::StatusOr<Answer>> all_tries(const Request& request, Wanted wanted) {
    const absl::StatusOr<Url> url = base_url_.append(request.target);
    if (!url.ok()) co_return url.status();
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      if (!is_valid_field(request.headers.name_at(i), request.headers.value_at(i))) {
        co_return absl::InvalidArgumentError(absl::StrCat(describe(request.method, *url), ": header \"",
                                                          scrub(request.headers.name_at(i), 60),
                                                          "\" holds bytes that a header cannot"));
      }
    }
    const std::optional<std::string> key =
        cache_ && !wanted.stream_limit ? ResponseCache::key_of(request, *url) : std::nullopt;
    std::shared_ptr<const CachedResponse> kept;
    if (key) {
      bool fresh = false;
      kept = cache_->find(*key, clock_.steady_now(), fresh);
      if (kept && fresh && !request.revalidate) co_return kept_answer(request, wanted, *kept);
    }
    const bool idempotent = request.is_idempotent();
    int renewals = 0;
    for (int number = 1;; ++number) {
      Attempt attempt(*url);
      attempt.stream_limit = wanted.stream_limit;
      if (kept) attempt.etag = kept->etag;
      if (tokens_ && !request.anonymous) {
        const absl::Status ready = co_await token_ready(request);
        if (!ready.ok()) co_return annotate(ready, describe(request.method, *url));
      }
      co_await one_try(request, number, attempt);
      if (should_renew(attempt, renewals)) {
        // The request was not acted on, so it is no failed try and may be sent again whatever it is.
        ++renewals;
        --number;
        tokens_->refused(attempt.token_generation);
        continue;
      }
      if (kept && !attempt.failure && attempt.refused.ok() && attempt.response.status == 304) {
        cache_->renew(*key, clock_.steady_now());
        co_return kept_answer(request, wanted, *kept);
      }
      Answer answer;
      std::optional<milliseconds> wait;
      bool again = false;
      const bool may_keep = key && attempt.response.status == 200;
      const absl::Status status = judge(request, wanted.json, attempt, answer, again, wait);
      if (status.ok() && may_keep) {
        const std::string_view bytes = wanted.json ? answer.document.text() : answer.response.body.view();
        cache_->put(*key, CachedResponse(*answer.url, answer.response.headers, bytes), clock_.steady_now());
      }
      if (status.ok()) co_return answer;
      if (!again || !(idempotent || attempt.failure.fault() == Fault::kUnreachable) ||
          number >= options_.retry.tries || (wait && *wait > options_.retry.longest_requested_wait)) {
        co_return status;
      }
      const milliseconds pause =
          std::max(backoff_before(number + 1, jitter(), options_.retry), wait.value_or(milliseconds(0)));
      const auto start = steady_clock::now();
      if (request.deadline && start + pause >= *request.deadline) co_return status;
      {
        Watch watch(watchdog_);
        Wake nothing(executor_);
        watch.enter("waiting to try again", nothing);
        co_await nothing.wait_for(pause);
        counters_.retry_wait_ns.fetch_add(nanoseconds_since(start), std::memory_order_relaxed);
        if (watch.aborted() || co_await was_cancelled()) {
          co_return absl::CancelledError(absl::StrCat(
              describe(request.method, *url),
              ": cancelled while waiting to try again after: ", absl::string_view(status.message())));
        }
      }
      counters_.retries.fetch_add(1, std::memory_order_relaxed);
    }
  }

  absl::StatusOr<Answer> kept_answer(const Request& request, Wanted wanted, const CachedResponse& kept) {
    Attempt attempt(kept.url);
    attempt.response.status = 200;
    attempt.response.headers = kept.headers;
    if (!attempt.response.body.append(kept.body)) return absl::ResourceExhaustedError("out of memory");
    attempt.response.body.seal();
    counters_.cache_hits.fetch_add(1, std::memory_order_relaxed);
    Answer answer;
    bool again = false;
    std::optional<milliseconds> wait;
    const absl::Status status = judge(request, wanted.json, attempt, answer, again, wait);
    if (!status.ok()) return status;
    return answer;
  }

  /// Waits for a token that is still good.
  Task<absl::Status> token_ready(const Request& request) {
    Watch watch(watchdog_);
    watch.begin(time_left(request));
    // A token may be refused again before this coroutine runs: the next is waited for, not for ever.
    for (int round = 0; round < kMostRenewals; ++round) {
      const absl::Status status = co_await tokens_->ready(watch, executor_);
      if (watch.aborted() || co_await was_cancelled()) co_return absl::CancelledError("cancelled");
      if (watch.expired()) co_return absl::DeadlineExceededError("timed out while waiting for a token");
      if (!status.ok()) co_return status;
      if (tokens_->generation() > 0) co_return absl::OkStatus();
    }
    co_return absl::UnavailableError("no token could be had");
  }

  /// Whether a 401 says that the token is no longer good, rather than that we are nobody here: one that was
  /// never taken is renewed once, one that was taken before has worn out.
  bool should_renew(const Attempt& attempt, int renewals) {
    if (!tokens_ || attempt.token_generation == 0 || !attempt.shown_credentials || attempt.failure ||
        !attempt.refused.ok()) {
      return false;
    }
    if (attempt.response.status != 401) {
      tokens_->accepted(attempt.token_generation);
      return false;
    }
    return renewals < kMostRenewals && (renewals == 0 || tokens_->was_accepted(attempt.token_generation));
  }

  /// Runs apart from who asked first, who may give up while others still wait.
  void fetch_token(TokenGrant grant, TakeToken take) {
    absl::StatusOr<Request> request = token_request(grant, clock_.now(), random_id());
    if (!request.ok()) return take(request.status());
    if (grant.kind == TokenGrant::Kind::kSelfSigned) {
      AccessToken token;
      token.value = request->headers.value("Authorization").substr(kBearer.size());
      token.expires_at = clock_.now() + grant.claims.lifetime - std::chrono::minutes(1);
      return take(token);
    }
    asio::co_spawn(executor_, fetch_token_now(shared_from_this(), *std::move(request)),
                   [self = shared_from_this(), take = std::move(take)](const std::exception_ptr& error,
                                                                       absl::StatusOr<AccessToken> token) {
                     if (error) token = absl::InternalError("asking for a token failed unexpectedly");
                     take(std::move(token));
                   });
  }

  static Task<absl::StatusOr<AccessToken>> fetch_token_now(std::shared_ptr<Core> core, Request request) {
    const absl::StatusOr<Url> url = core->base_url_.append(request.target);
    if (!url.ok()) co_return url.status();
    request.limit_key = url->origin() + " token";
    const std::string place = describe(request.method, *url);
    absl::StatusOr<Answer> answer = co_await run(core, std::move(request), Wanted(true));
    if (!answer.ok()) {
      // `invalid_grant` comes as 400: who we are was refused, not what we asked.
      absl::Status status = annotate(answer.status(), "asking for a token");
      if (http_status(status) == 400) {
        status = absl::UnauthenticatedError(status.message());
        set_http_status(status, 400);
      }
      co_return status;
    }
    absl::StatusOr<AccessToken> token = read_token(answer->document, core->clock_.now());
    if (!token.ok()) co_return annotate(token.status(), place);
    co_return token;
  }

  std::string random_id() {
    return absl::StrCat(absl::Hex(entropy_.next64(), absl::kZeroPad16),
                        absl::Hex(entropy_.next64(), absl::kZeroPad16));
  }

  /// What is left of a request's time.
  milliseconds time_left(const Request& request) const {
    if (!request.deadline) return options_.timeouts.total;
    const auto left = std::chrono::ceil<milliseconds>(*request.deadline - steady_clock::now());
    return std::clamp(left, milliseconds(1), options_.timeouts.total);
  }

  /// Tells the budgets of different accounts at one host apart in this process, and says nothing of them.
  std::string account_mark() const {
    const std::vector<std::string> secrets = options_.credentials.secrets();
    if (secrets.empty()) return {};
    static const std::uint64_t salt = SystemEntropy().next64();
    std::string text = std::to_string(salt);
    for (const std::string& secret : secrets) text += "\n" + secret;
    return absl::StrCat(" #", absl::Hex(hash64(text) & 0xffff, absl::kZeroPad4));
  }

  /// The error that an attempt stands for, whether another try may help, and how long the service asks to
  /// wait before it. Fills `answer` when there is no error.
  absl::Status judge(const Request& request, bool want_json, Attempt& attempt, Answer& answer, bool& again,
                     std::optional<milliseconds>& wait) {
    const bool idempotent = request.is_idempotent();
    if (!attempt.refused.ok()) return annotate(attempt.refused, describe(request.method, attempt.url));
    if (attempt.failure) {
      again = is_worth_retrying(attempt.failure.fault(), idempotent);
      absl::Status status(attempt.failure.code(),
                          absl::StrCat(describe(request.method, attempt.url), ": ", attempt.failure.what()));
      set_retryable(status, again || attempt.failure.code() == absl::StatusCode::kUnavailable ||
                                attempt.failure.fault() == Fault::kTimeout);
      return status;
    }
    Response& response = attempt.response;
    if (response.status < 200 || response.status > 299) {
      again = is_worth_retrying(attempt.rate_limit.refused ? 429 : response.status, idempotent);
      wait = requested_wait(response.status, attempt.rate_limit, clock_.now());
      return status_error(request, attempt, wait);
    }
    if (!want_json) {
      answer.url = std::move(attempt.url);
      answer.response = std::move(response);
      answer.open = std::move(attempt.open);
      return absl::OkStatus();
    }
    const std::string_view content_type = response.headers.value("Content-Type");
    if (!is_json_type(content_type)) {
      absl::Status status = absl::InternalError(
          absl::StrCat(describe(request.method, attempt.url), ": answered ", scrub(content_type, 60),
                       " where JSON was expected (first bytes: ", excerpt(response.body), ")"));
      set_http_status(status, response.status);
      set_retryable(status, false);
      return status;
    }
    absl::StatusOr<JsonDocument> document =
        json_pool_->parse(std::move(response.body), describe(request.method, attempt.url));
    if (document.ok()) {
      answer.document = *std::move(document);
      answer.url = std::move(attempt.url);
      answer.response.headers = std::move(response.headers);
      return absl::OkStatus();
    }
    again = true;
    absl::Status status = document.status();
    set_http_status(status, response.status);
    set_retryable(status, false);
    return status;
  }

  absl::Status status_error(const Request& request, const Attempt& attempt,
                            const std::optional<milliseconds>& wait) const {
    const int code = attempt.response.status;
    std::string message = absl::StrCat(describe(request.method, attempt.url), ": ", code);
    if (const std::string_view phrase = reason_phrase(code); !phrase.empty()) {
      absl::StrAppend(&message, " ", absl_view(phrase));
    }
    if (!attempt.redirect_problem.empty()) {
      absl::StrAppend(&message, ": ", absl_view(attempt.redirect_problem));
    }
    if (!attempt.response.body.empty()) {
      absl::StrAppend(&message, ": ", error_text(attempt.response));
    }
    const bool refused = attempt.rate_limit.refused;
    absl::Status status(refused ? absl::StatusCode::kUnavailable : status_code_of_http(code), message);
    set_http_status(status, code);
    if (attempt.rate_limit.facts != RateLimitFacts()) set_rate_limit(status, attempt.rate_limit.facts);
    if (wait) set_retry_after(status, *wait);
    set_retryable(status, refused || is_worth_retrying(code, true) || code == 408);
    return status;
  }

  /// What an error body says where the connector can tell, else what can be read from it.
  std::string error_text(const Response& response) const {
    const std::string text = options_.error_text ? options_.error_text(response.body.view()) : std::string();
    if (!text.empty()) return without_secrets(scrub(redact_text(text), kMaxShownBody));
    return without_secrets(
        error_message_of(response.headers.value("Content-Type"), response.body, kMaxShownBody));
  }

  /// The beginning of a foreign body, fit for an error: cut, scrubbed, and never a secret echoed.
  std::string excerpt(const Body& body) const {
    const std::string text = redact_text(body.view().substr(0, 4 * kMaxShownBody));
    return without_secrets(absl::StrCat("\"", scrub(text, kMaxShownBody), "\""));
  }

  /// A service may echo what it was sent.
  std::string without_secrets(std::string text) const {
    for (const std::string& secret : secrets()) {
      text = absl::StrReplaceAll(text, {{secret, absl_view(kRedacted)}});
    }
    return text;
  }

  /// What we are known by at this moment.
  std::vector<std::string> secrets() const {
    std::vector<std::string> secrets = options_.credentials.secrets();
    if (!tokens_) return secrets;
    for (const std::string& secret : {tokens_->value(), tokens_->refresh_token()}) {
      if (!secret.empty()) secrets.push_back(secret);
    }
    return secrets;
  }

  /// One try: the request, and where it is redirected to.
  Task<void> one_try(const Request& request, int number, Attempt& attempt) {
    bool trusted = !request.anonymous && may_share_credentials(base_url_, attempt.url);
    // Headers of the request itself were meant for the host that it names.
    bool same_host = true;
    for (int redirects = 0;; ++redirects) {
      attempt.shown_credentials = trusted;
      co_await exchange(request, number, request.goes_on || redirects > 0, trusted, same_host, attempt);
      if (!attempt.refused.ok() || attempt.failure || !is_redirect(attempt.response.status)) co_return;
      if (request.method != Method::kGet && request.method != Method::kHead) {
        attempt.redirect_problem = "only GET and HEAD are redirected";
        co_return;
      }
      const std::optional<std::string_view> location = attempt.response.headers.find("Location");
      const absl::StatusOr<Url> next = attempt.url.resolve(location.value_or(std::string_view()));
      if (!location || location->empty() || !next.ok()) {
        attempt.redirect_problem = "the redirect names no usable location";
        co_return;
      }
      if (attempt.url.secure() && !next->secure()) {
        attempt.redirect_problem = "the redirect leads from https to http, which is refused";
        co_return;
      }
      if (redirects >= options_.max_redirects) {
        attempt.redirect_problem = "too many redirects";
        co_return;
      }
      same_host = same_host && may_share_credentials(attempt.url, *next);
      trusted = trusted && same_host;
      attempt.url = *next;
    }
  }

  /// One request on the wire and its response.
  Task<void> exchange(const Request& request, int number, bool goes_on, bool trusted, bool same_host,
                      Attempt& attempt) {
    const std::string& key = request.limit_key.empty() ? options_.limit_key : request.limit_key;
    const auto asked = steady_clock::now();
    Task<absl::StatusOr<Permit>> wanted =
        goes_on || number > 1 ? permits_.acquire_ahead(key) : permits_.acquire(key);
    absl::StatusOr<Permit> permit = co_await std::move(wanted);
    counters_.permit_wait_ns.fetch_add(nanoseconds_since(asked), std::memory_order_relaxed);
    if (co_await was_cancelled()) {
      attempt.failure = NetworkFailure(Fault::kCancelled, "cancelled");
      co_return;
    }
    if (!permit.ok()) {
      attempt.refused = permit.status();
      co_return;
    }

    attempt.response = Response();
    attempt.sent_at = steady_clock::now();
    attempt.failure = co_await exchange_with_permit(request, trusted, same_host, *permit, attempt);
    const auto duration = steady_clock::now() - attempt.sent_at;
    const NetworkFailure broken = attempt.failure ? NetworkFailure() : decode(attempt);
    if (!attempt.failure) {
      attempt.rate_limit = read_rate_limit(attempt.response.status, attempt.response.headers, clock_.now());
      if (attempt.response.status == 403 && !attempt.rate_limit.refused) note_secondary_limit(attempt);
      permits_.report(key, ResponseFacts(attempt.response.status, attempt.rate_limit, duration));
    }
    if (broken) attempt.failure = broken;
    if (options_.cassette && !options_.cassette->replays() && !attempt.failure && !attempt.open) {
      options_.cassette->keep(request, attempt.url, attempt.response, secrets());
    }
    if (log_ != nullptr) {
      const std::string url = redact_url(attempt.url.text());
      RequestRecord record(method_name(request.method), url);
      record.status = attempt.failure ? 0 : attempt.response.status;
      record.bytes_received = attempt.response.body.size();
      record.duration = duration;
      record.number_of_try = number;
      record.error = attempt.failure.what();
      log_->on_request(record);
    }
  }

  static void note_secondary_limit(Attempt& attempt) {
    const std::string_view text = attempt.response.body.view().substr(0, 4096);
    if (text.find(kSecondaryLimit) == std::string_view::npos) return;
    attempt.rate_limit.refused = true;
    attempt.rate_limit.retry_after = kSecondaryWait;
  }

  /// Undoes the body's coding.
  NetworkFailure decode(Attempt& attempt) const {
    Response& response = attempt.response;
    const std::string_view coding = response.headers.value("Content-Encoding");
    if (!is_coded(coding) || (response.body.empty() && !attempt.open)) return NetworkFailure();
    if (attempt.open) {
      return NetworkFailure(Fault::kUndecodable, "the body came compressed, though it was asked for plain");
    }
    Body plain;
    const absl::Status status = decode_body(coding, response.body, options_.max_body_bytes, plain);
    if (status.ok()) {
      response.body = std::move(plain);
      return NetworkFailure();
    }
    if (response.status < 200 || response.status > 299) {
      // The status says enough.
      response.body = Body();
      return NetworkFailure();
    }
    const Fault fault = absl::IsResourceExhausted(status) ? Fault::kTooLarge : Fault::kUndecodable;
    return NetworkFailure(fault, std::string(status.message()));
  }

  Task<NetworkFailure> exchange_with_permit(const Request& request, bool trusted, bool same_host,
                                            Permit& permit, Attempt& attempt) {
    const bool idempotent = request.is_idempotent();
    if (options_.cassette && options_.cassette->replays()) {
      permit.spend();
      co_return replay(request, attempt);
    }
    // The token may have been renewed while this waited for its permit.
    if (tokens_ && trusted) attempt.token_generation = tokens_->generation();
    const std::string head = request_head(request, attempt, trusted, same_host);
    const WireRequest wire(head, request.body, request.method == Method::kHead,
                           attempt.stream_limit.value_or(options_.max_body_bytes));

    std::optional<Watch> own_watch;
    std::unique_ptr<OpenBody> open;
    if (attempt.stream_limit) {
      open = std::make_unique<OpenBody>(watchdog_);
    } else {
      own_watch.emplace(watchdog_);
    }
    Watch& watch = open ? open->watch : *own_watch;
    Response& response = open ? open->response : attempt.response;
    watch.begin(time_left(request));
    absl::StatusOr<ConnectionPool::Lease> leased = co_await pool_.acquire(attempt.url, watch);
    if (!leased.ok()) co_return NetworkFailure(Fault::kTls, std::string(leased.status().message()));
    ConnectionPool::Lease lease = *std::move(leased);
    if (!lease) co_return interrupted(watch);

    // What may not be sent twice must not be lost on a connection that the server has given up.
    if (!idempotent && lease->is_open() && !lease->is_still_silent()) lease.renew();
    while (true) {
      if (!lease->is_open()) {
        NetworkFailure failure = co_await lease->open(attempt.url, watch);
        if (failure) co_return failure;
      }
      const bool used_before = lease->exchanges() > 0;
      permit.spend();
      // Connecting and waiting for a connection are no part of what the service takes to answer.
      attempt.sent_at = steady_clock::now();
      counters_.requests.fetch_add(1, std::memory_order_relaxed);
      NetworkFailure failure = co_await lease->begin(wire, watch, response);
      if (!failure && open && response.status >= 200 && response.status <= 299) {
        attempt.response.status = response.status;
        attempt.response.headers = response.headers;
        open->lease = std::move(lease);
        attempt.open = std::move(open);
        co_return failure;
      }
      if (!failure) failure = co_await lease->read_body(watch, response);
      if (open) attempt.response = std::move(open->response);
      if (failure.fault() != Fault::kConnectionLost || !used_before || !idempotent) co_return failure;
      // The server closed an idle connection while the request was on its way: nobody's fault, so it is no
      // failed try. A new connection cannot end up here.
      response = Response();
      lease.renew();
    }
  }

  NetworkFailure replay(const Request& request, Attempt& attempt) {
    if (attempt.stream_limit) {
      return NetworkFailure(Fault::kLocal, "a cassette replays whole answers only, no bodies by pieces");
    }
    absl::StatusOr<Response> response = options_.cassette->take(request, attempt.url);
    if (!response.ok()) return NetworkFailure(Fault::kLocal, std::string(response.status().message()));
    attempt.response = *std::move(response);
    return NetworkFailure();
  }

  static NetworkFailure interrupted(const Watch& watch) {
    if (watch.expired()) {
      return NetworkFailure(Fault::kTimeout, absl::StrCat("timed out after ", watch.limit().count(),
                                                          " ms while ", absl_view(watch.step())));
    }
    return NetworkFailure(Fault::kCancelled, watch.aborted() ? "the client was closed" : "cancelled");
  }

  std::string request_head(const Request& request, const Attempt& attempt, bool trusted,
                           bool same_host) const {
    const Url& url = attempt.url;
    std::string head;
    head.reserve(256 + url.target().size());
    absl::StrAppend(&head, absl_view(method_name(request.method)), " ");
    // A proxy needs the whole URL; for https there is a tunnel instead.
    const Proxy* const proxy = url.secure() ? nullptr : options_.proxies->proxy_for(url);
    if (proxy != nullptr) absl::StrAppend(&head, "http://", url.authority());
    absl::StrAppend(&head, url.target());
    if (const std::string key = trusted ? options_.credentials.query() : std::string(); !key.empty()) {
      absl::StrAppend(&head, url.target().find('?') == std::string::npos ? "?" : "&", key);
    }
    absl::StrAppend(&head, " HTTP/1.1\r\nHost: ", url.authority(), "\r\n");
    if (proxy != nullptr && !proxy->authorization().empty()) {
      absl::StrAppend(&head, "Proxy-Authorization: ", proxy->authorization(), "\r\n");
    }
    bool own_agent = false;
    bool own_accept = false;
    bool own_authorization = false;
    bool own_encoding = !options_.compression;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
      const std::string_view name = request.headers.name_at(i);
      // The connection's own business.
      if (equal_ignoring_case(name, "Host") || equal_ignoring_case(name, "Content-Length") ||
          equal_ignoring_case(name, "Connection") || equal_ignoring_case(name, "Transfer-Encoding")) {
        continue;
      }
      if (!same_host && is_secret_header(name)) continue;
      own_agent = own_agent || equal_ignoring_case(name, "User-Agent");
      own_accept = own_accept || equal_ignoring_case(name, "Accept");
      own_authorization = own_authorization || equal_ignoring_case(name, options_.credentials.header_name());
      own_encoding = own_encoding || equal_ignoring_case(name, "Accept-Encoding");
      absl::StrAppend(&head, absl_view(name), ": ", absl_view(request.headers.value_at(i)), "\r\n");
    }
    if (!own_agent) absl::StrAppend(&head, "User-Agent: ", options_.user_agent, "\r\n");
    if (!own_accept) head += "Accept: application/json\r\n";
    if (!own_encoding) absl::StrAppend(&head, "Accept-Encoding: ", absl_view(kAcceptedCodings), "\r\n");
    if (trusted && !own_authorization) {
      const std::string& value = options_.credentials.header_value();
      if (tokens_) {
        absl::StrAppend(&head, "Authorization: ", absl_view(kBearer), tokens_->value(), "\r\n");
      } else if (!value.empty()) {
        absl::StrAppend(&head, options_.credentials.header_name(), ": ", value, "\r\n");
      }
    }
    if (!attempt.etag.empty()) absl::StrAppend(&head, "If-None-Match: ", attempt.etag, "\r\n");
    const bool has_body = !request.body.empty() || request.method == Method::kPost ||
                          request.method == Method::kPut || request.method == Method::kPatch;
    if (has_body) absl::StrAppend(&head, "Content-Length: ", request.body.size(), "\r\n");
    head += "\r\n";
    return head;
  }

  double jitter() { return static_cast<double>(entropy_.next64() >> 11) * 0x1.0p-53; }

  asio::any_io_executor executor_;
  ClientOptions options_;
  Url base_url_;
  PermitSource& permits_;
  RequestLog* log_;
  SystemClock system_clock_;
  SystemEntropy system_entropy_;
  const Clock& clock_;
  Entropy& entropy_;
  ClientCounters counters_;
  Watchdog watchdog_;
  ConnectionPool pool_;
  std::optional<TokenKeeper> tokens_;
  std::optional<ResponseCache> cache_;
  std::shared_ptr<JsonPool> json_pool_ = JsonPool::create();
};

class BodyStream::Source {
 public:
  Source(std::shared_ptr<Client::Core> client, std::unique_ptr<OpenBody> open_body, std::string description)
      : core(std::move(client)), open(std::move(open_body)), place(std::move(description)) {}

  /// Outlives the connection that the body holds.
  std::shared_ptr<Client::Core> core;
  std::unique_ptr<OpenBody> open;
  std::string place;
  bool done = false;
};

BodyStream::BodyStream(std::unique_ptr<Source> source) : source_(std::move(source)) {}
BodyStream::BodyStream(BodyStream&&) noexcept = default;
BodyStream& BodyStream::operator=(BodyStream&&) noexcept = default;
BodyStream::~BodyStream() = default;

const Headers& BodyStream::headers() const {
  return source_->open->response.headers;
}

Task<absl::StatusOr<Body>> BodyStream::read() {
  return Client::Core::next_piece(*source_->open, source_->place, source_->done);
}

Client::Client(std::shared_ptr<Core> core) : core_(std::move(core)) {}

Client::~Client() {
  core_->close();
}

absl::StatusOr<std::unique_ptr<Client>> Client::create(asio::any_io_executor executor, ClientOptions options,
                                                       PermitSource& permits, RequestLog* log) {
  absl::StatusOr<Url> base = Url::parse(options.base_url);
  if (!base.ok()) return base.status();
  if (!options.proxies) {
    absl::StatusOr<ProxySettings> proxies = ProxySettings::from_environment();
    if (!proxies.ok()) return proxies.status();
    options.proxies = *std::move(proxies);
  }
  if (const auto& grant = options.credentials.grant(); grant && !grant->token_url.empty()) {
    const absl::StatusOr<Url> url = base->append(grant->token_url);
    if (!url.ok()) return url.status();
    if (base->secure() && !url->secure()) {
      return absl::InvalidArgumentError("the token endpoint of an https service must be https, too");
    }
  }
  if (!is_valid_field(options.credentials.header_name(), options.credentials.header_value())) {
    return absl::InvalidArgumentError("the credentials hold line ends or control characters");
  }
  if (!is_valid_field("User-Agent", options.user_agent)) {
    return absl::InvalidArgumentError("the user agent holds line ends or control characters");
  }
  return std::unique_ptr<Client>(new Client(
      std::make_shared<Core>(std::move(executor), std::move(options), *std::move(base), permits, log)));
}

namespace {

template <class Called>
Task<absl::StatusOr<Response>> response_of(Called called) {
  absl::StatusOr<Answer> answer = co_await std::move(called);
  if (!answer.ok()) co_return answer.status();
  co_return std::move(answer->response);
}

template <class Called>
Task<absl::StatusOr<JsonResponse>> json_of(Called called) {
  absl::StatusOr<Answer> answer = co_await std::move(called);
  if (!answer.ok()) co_return answer.status();
  co_return JsonResponse(*std::move(answer->url), std::move(answer->response.headers),
                         std::move(answer->document));
}

template <class Called>
Task<absl::StatusOr<JsonDocument>> document_of(Called called) {
  absl::StatusOr<Answer> answer = co_await std::move(called);
  if (!answer.ok()) co_return answer.status();
  co_return std::move(answer->document);
}

}  // namespace

Task<absl::StatusOr<Response>> Client::send(Request request) {
  return response_of(Core::call(core_, std::move(request), Wanted(false)));
}

Task<absl::StatusOr<JsonDocument>> Client::send_json(Request request) {
  return document_of(Core::call(core_, std::move(request), Wanted(true)));
}

Task<absl::StatusOr<JsonResponse>> Client::exchange_json(Request request) {
  return json_of(Core::call(core_, std::move(request), Wanted(true)));
}

Task<absl::StatusOr<BodyStream>> Client::open(Request request, std::uint64_t max_bytes) {
  if (!request.headers.find("Accept-Encoding")) request.header("Accept-Encoding", "identity");
  return open_with(core_, std::move(request), max_bytes);
}

Task<absl::StatusOr<BodyStream>> Client::open_with(std::shared_ptr<Core> core, Request request,
                                                   std::uint64_t max_bytes) {
  const Method method = request.method;
  Task<absl::StatusOr<Answer>> called = Core::call(core, std::move(request), Wanted(false, max_bytes));
  absl::StatusOr<Answer> answer = co_await std::move(called);
  if (!answer.ok()) co_return answer.status();
  // From here on only the gaps between pieces are limited.
  answer->open->watch.begin(kNoLimit);
  auto source = std::make_unique<BodyStream::Source>(std::move(core), std::move(answer->open),
                                                     describe(method, *answer->url));
  co_return BodyStream(std::move(source));
}

Task<absl::StatusOr<JsonDocument>> Client::get_json(std::string target) {
  return send_json(Request(Method::kGet, std::move(target)));
}

Task<absl::StatusOr<JsonDocument>> Client::post_json(std::string target, std::string body) {
  Request request(Method::kPost, std::move(target));
  request.json(std::move(body));
  return send_json(std::move(request));
}

const Url& Client::base_url() const {
  return core_->base_url();
}
const ClientCounters& Client::counters() const {
  return core_->counters();
}

}  // namespace baton::http
