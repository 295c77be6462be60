#pragma once

#include <cstdint>
#include <string>

#include <caf/replies_to.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include "actors/messages.hpp"
#include "actors/sync_summary.hpp"

/// The map of the pipeline: every role, every message, in one place.
///
///     COORDINATOR ──start──▶ PAGINATOR ──fetch──▶ FETCHER ──▶ connector
///         ▲  ▲                 │  ▲  ▲──────page──────┘
///         │  └──done, fail─────┘  └──ack── WRITER ◀──page commit── PAGINATOR
///         └─────────commit summary───────────┘

// Text of an atom: at most 10 characters.
CAF_BEGIN_TYPE_ID_BLOCK(baton, caf::first_custom_type_id)
CAF_ADD_ATOM(baton, baton::actors, run_atom, "run")
CAF_ADD_ATOM(baton, baton::actors, stop_atom, "stop")
CAF_ADD_ATOM(baton, baton::actors, start_atom, "start")
CAF_ADD_ATOM(baton, baton::actors, fetch_atom, "fetch")
CAF_ADD_ATOM(baton, baton::actors, page_atom, "page")
CAF_ADD_ATOM(baton, baton::actors, commit_atom, "commit")
CAF_ADD_ATOM(baton, baton::actors, ack_atom, "ack")
CAF_ADD_ATOM(baton, baton::actors, done_atom, "done")
CAF_ADD_ATOM(baton, baton::actors, fail_atom, "fail")
CAF_ADD_ATOM(baton, baton::actors, park_atom, "park")
CAF_ADD_ATOM(baton, baton::actors, ready_atom, "ready")
CAF_ADD_ATOM(baton, baton::actors, work_atom, "work")
CAF_ADD_ATOM(baton, baton::actors, types_atom, "types")
CAF_ADD_ATOM(baton, baton::actors, plan_atom, "plan")
CAF_ADD_ATOM(baton, baton::actors, sync_atom, "sync")
CAF_ADD_ATOM(baton, baton::actors, header_atom, "header")
CAF_ADD_ATOM(baton, baton::actors, yield_atom, "yield")
CAF_ADD_ATOM(baton, baton::actors, flush_atom, "flush")
CAF_ADD_ATOM(baton, baton::actors, tick_atom, "tick")
CAF_ADD_ATOM(baton, baton::actors, valid_atom, "valid")
CAF_ADD_ATOM(baton, baton::actors, rules_atom, "rules")
CAF_ADD_ATOM(baton, baton::actors, free_atom, "free")
CAF_ADD_ATOM(baton, baton::actors, cancel_atom, "cancel")
CAF_ADD_ATOM(baton, baton::actors, retry_atom, "retry")
CAF_ADD_ATOM(baton, baton::actors, expand_atom, "expand")
CAF_ADD_ATOM(baton, baton::actors, import_atom, "import")
CAF_ADD_ATOM(baton, baton::actors, export_atom, "export")
CAF_ADD_ATOM(baton, baton::actors, phase_atom, "phase")
CAF_ADD_ATOM(baton, baton::actors, acquire_atom, "acquire")
CAF_ADD_ATOM(baton, baton::actors, release_atom, "release")
CAF_ADD_ATOM(baton, baton::actors, hold_atom, "hold")
CAF_END_TYPE_ID_BLOCK(baton)

namespace baton::actors {

using storage::CursorKey;

}  // namespace baton::actors

namespace caf {
template <>
struct allowed_unsafe_message_type<baton::storage::CursorKey> : std::true_type {};
}  // namespace caf

namespace baton::actors {

/// PAGINATOR: walks one cursor, page by page. Asks for the next page while the last one is being committed,
/// and never has more than two pages out.
using PaginatorActor = caf::typed_actor<
    // COORDINATOR: the cursor has a slot; ask for its page.
    caf::reacts_to<start_atom>,
    // FETCHER: the page asked for, or why there is none.
    caf::reacts_to<page_atom, SharedPage>,
    // WRITER: the page of this number is committed.
    caf::reacts_to<ack_atom, std::uint32_t>,
    // COORDINATOR: the sync stops; end as soon as nothing is being committed.
    caf::reacts_to<stop_atom>,
    // INTERNAL: a retry wait of this generation is over.
    caf::reacts_to<retry_atom, std::uint32_t>>;

}  // namespace baton::actors

// A handle that travels inside a message is a message type, too.
CAF_BEGIN_TYPE_ID_BLOCK(baton_handles, caf::id_block::baton::end)
CAF_ADD_TYPE_ID(baton_handles, (baton::actors::PaginatorActor))
CAF_END_TYPE_ID_BLOCK(baton_handles)

namespace baton::actors {

/// FETCHER: starts connector calls on the connector's executor; holds back when too many bytes wait for the
/// store.
using FetcherActor = caf::typed_actor<
    // Asks for one page; the answer goes to the paginator as `page_atom`.
    caf::reacts_to<fetch_atom, SharedFetch, PaginatorActor>,
    // Calls `Validate` once.
    caf::replies_to<valid_atom>::with<SharedStatus>,
    // Calls `Cleanup`, best effort.
    caf::replies_to<release_atom>::with<SharedStatus>,
    // Rules for all pages asked for from now on.
    caf::reacts_to<rules_atom, SharedRules>,
    // PAGINATOR: a page of so many bytes left memory.
    caf::reacts_to<free_atom, std::uint64_t>,
    // Cancels all calls in flight and refuses new ones; each still answers.
    caf::reacts_to<cancel_atom>,
    // INTERNAL: `Validate` or `Cleanup`, call `id`, is over.
    caf::reacts_to<valid_atom, std::uint64_t, SharedStatus>,
    // INTERNAL: call `id` is over and left so many bytes.
    caf::reacts_to<done_atom, std::uint64_t, std::uint64_t>>;

/// WRITER: owns the store while pages come in. Groups pages that wait into one atomic batch.
using WriterActor = caf::typed_actor<
    // Commits a page; `ack_atom` goes to the paginator, a summary to COORDINATOR and PROGRESS.
    caf::reacts_to<commit_atom, SharedCommit, PaginatorActor>,
    // The next cursors of a lane.
    caf::replies_to<work_atom, std::uint8_t, std::uint32_t>::with<SharedWork>,
    // All stored resource types.
    caf::replies_to<types_atom>::with<SharedTypes>,
    // Plans cursors once per marker.
    caf::replies_to<plan_atom, std::string, SharedCursors>::with<SharedPlanned>,
    // Writes the run header.
    caf::replies_to<header_atom, SharedHeader>::with<SharedStatus>,
    // Commits what waits and syncs the log.
    caf::replies_to<sync_atom>::with<SharedStatus>,
    // The same, and from then on the store is another actor's: nothing is touched any more.
    caf::replies_to<yield_atom>::with<SharedStatus>,
    // INTERNAL: commit what has gathered.
    caf::reacts_to<flush_atom>,
    // INTERNAL: sync the log on its cadence.
    caf::reacts_to<tick_atom>>;

/// COORDINATOR: owns phases and slots; admits work, decides errors and the end, supervises all others.
using CoordinatorActor = caf::typed_actor<
    // Runs the sync to its end; answers once.
    caf::replies_to<run_atom>::with<Shared<SyncOutcome>>,
    // Stops: calls in flight get a grace period, what is fetched is committed.
    caf::reacts_to<stop_atom, SharedStatus>,
    // WRITER: a group of pages is committed.
    caf::reacts_to<commit_atom, SharedSummary>,
    // WRITER, PAGINATOR: the sync cannot go on.
    caf::reacts_to<fail_atom, SharedStatus>,
    // PAGINATOR: its cursor is walked to the end and committed.
    caf::reacts_to<done_atom, CursorKey>,
    // PAGINATOR: it waits and gives its slot back.
    caf::reacts_to<park_atom, SharedPark>,
    // Nothing may be asked of the service for so many milliseconds, which is no sign that it is gone.
    caf::reacts_to<hold_atom, std::uint64_t>,
    // PAGINATOR: its wait is over; it wants a slot.
    caf::reacts_to<ready_atom, CursorKey>,
    // INTERNAL: once a second.
    caf::reacts_to<tick_atom>,
    // INTERNAL: the time that a step of the shutdown may take is over.
    caf::reacts_to<cancel_atom, std::uint32_t>,
    // INTERNAL: validate again.
    caf::reacts_to<valid_atom>>;

/// EXPANDER: runs grant expansion over the store (detached).
using ExpanderActor = caf::typed_actor<
    // Expands the run with this header and records that it did.
    caf::replies_to<expand_atom, SharedHeader>::with<SharedExpansion>>;

/// IMPORTER: copies what an external sync holds into the run and matches it (detached).
using ImporterActor = caf::typed_actor<
    // Imports; harmless to repeat.
    caf::replies_to<import_atom>::with<SharedImport>>;

/// EXPORTER: seals the run, writes the artifact, removes the run directory (detached).
using ExporterActor = caf::typed_actor<
    // Exports the run with this header.
    caf::replies_to<export_atom, SharedHeader>::with<SharedExport>>;

/// PROGRESS: turns what happens into lines or a bar.
using ProgressActor = caf::typed_actor<
    // A group of pages is committed.
    caf::reacts_to<commit_atom, SharedSummary>,
    // A step of the sync begins: "collect", "expand", "export".
    caf::reacts_to<phase_atom, std::string>,
    // INTERNAL: draw.
    caf::reacts_to<tick_atom>>;

}  // namespace baton::actors
