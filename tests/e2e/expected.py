"""What a sync of a tenant must hold, computed from the tenant's truth alone."""

import datetime

TRAIT = "c1.connector.v2."


def seconds(moment):
    """RFC 3339 in UTC as (seconds, nanoseconds)."""
    parsed = datetime.datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return int(parsed.timestamp()), 0


def users(truth):
    """id -> everything that a user's row has to say."""
    return {row["id"]: {
        "name": f"{row['first_name']} {row['last_name']}".strip() or row["login"],
        "login": row["login"],
        "emails": [(row["email"], 1)],
        "enabled": row["status"] == "active",
        "account_type": 2 if row["type"] == "service" else 1,
        "created_at": seconds(row["created_at"]),
        "last_login": seconds(row["last_login"]) if row.get("last_login") else None,
        "profile": {key: row[key] for key in ("first_name", "last_name", "department", "title") if row.get(key)},
    } for row in truth("users")}


def direct_grants(truth):
    """(entitlement id, principal type, principal id) of every grant the service has."""
    grants = {(f"group:{row['group']}:member", row["type"], row["id"]) for row in truth("members")}
    grants |= {(f"role:{row['role']}:assigned", row["type"], row["id"]) for row in truth("assignments")}
    return grants


def expand(direct):
    """The sources of every grant after expansion: {(entitlement, type, id): {source entitlement: is direct} or {}}.

    Whoever is a member of a group that holds an entitlement holds it, too, if a user; so entitlement by entitlement,
    those of the groups inside first. Not for groups in a loop.
    """
    holders, feeders = {}, {}
    for entitlement, kind, principal in direct:
        holders.setdefault(entitlement, {})[kind, principal] = {}
        if kind == "group":
            feeders.setdefault(entitlement, []).append(f"group:{principal}:member")
    done = set()

    def settle(entitlement):
        if entitlement in done:
            return
        done.add(entitlement)
        mine = holders.setdefault(entitlement, {})
        collected = {}
        for source in feeders.get(entitlement, []):
            settle(source)
            for (kind, principal), sources in holders[source].items():
                if kind == "user":
                    collected.setdefault((kind, principal), {})[source] = not sources or source in sources
        for who, sources in collected.items():
            mine[who] = {**sources, entitlement: True} if who in mine else sources

    for entitlement in list(holders):
        # Nested groups form chains; the recursion is as deep as the longest of them.
        settle(entitlement)
    return {(entitlement, *who): sources for entitlement, all_of_it in holders.items()
            for who, sources in all_of_it.items()}
