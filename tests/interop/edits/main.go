// c1z-edits writes a version 3 file with upstream's own store, as a syncer that runs again and again would: with a
// second sync over the first, rows written twice, rows deleted, and compactions, so that the tables inside overlap,
// hide each other's rows and are read in part.
//
//	c1z-edits FILE (edited | tar | tar-zstd | large)
//
// edited: all of that. tar, tar-zstd: the same in the other two packings. large: one sync of 1,200,000 grants.
package main

import (
	"context"
	"fmt"
	"os"

	v2 "github.com/conductorone/baton-sdk/pb/c1/connector/v2"
	"github.com/conductorone/baton-sdk/pkg/connectorstore"
	"github.com/conductorone/baton-sdk/pkg/dotc1z"
	"github.com/conductorone/baton-sdk/pkg/dotc1z/c1zstore"
	"github.com/conductorone/baton-sdk/pkg/dotc1z/engine/pebble"
)

const batch = 5000

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: c1z-edits FILE (edited | tar | tar-zstd | large)")
		os.Exit(2)
	}
	options := []dotc1z.C1ZOption{dotc1z.WithEngine(c1zstore.EnginePebble)}
	var err error
	switch os.Args[2] {
	case "edited":
		err = edited(os.Args[1], options)
	case "tar":
		err = edited(os.Args[1], append(options, dotc1z.WithPayloadEncoding(c1zstore.PayloadEncodingTar)))
	case "tar-zstd":
		err = edited(os.Args[1], append(options, dotc1z.WithPayloadEncoding(c1zstore.PayloadEncodingTarZstd)))
	case "large":
		err = session(os.Args[1], options, func(ctx context.Context, store c1zstore.Store) error {
			if _, err := store.StartNewSync(ctx, connectorstore.SyncTypeFull, ""); err != nil {
				return err
			}
			return fill(ctx, store, "large", 20000, 3000, 400)
		})
	default:
		err = fmt.Errorf("no such kind: %s", os.Args[2])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "c1z-edits:", err)
		os.Exit(1)
	}
}

// session opens the file, works on it, seals the sync and saves.
func session(path string, options []dotc1z.C1ZOption, work func(context.Context, c1zstore.Store) error) error {
	ctx := context.Background()
	store, err := dotc1z.NewStore(ctx, path, options...)
	if err != nil {
		return err
	}
	if err := work(ctx, store); err != nil {
		return err
	}
	if err := store.EndSync(ctx); err != nil {
		return err
	}
	return store.Close(ctx)
}

func edited(path string, options []dotc1z.C1ZOption) error {
	var syncID string
	err := session(path, options, func(ctx context.Context, store c1zstore.Store) error {
		if _, err := store.StartNewSync(ctx, connectorstore.SyncTypeFull, ""); err != nil {
			return err
		}
		return fill(ctx, store, "first", 3000, 100, 300)
	})
	if err != nil {
		return err
	}
	err = session(path, options, func(ctx context.Context, store c1zstore.Store) error {
		var err error
		if syncID, err = store.StartNewSync(ctx, connectorstore.SyncTypeFull, ""); err != nil {
			return err
		}
		if err := fill(ctx, store, "second", 2500, 80, 250); err != nil {
			return err
		}
		// Some of them once more, with other content.
		return fill(ctx, store, "third", 2000, 60, 100)
	})
	if err != nil {
		return err
	}
	// Deletes in two sessions, the second one behind a compaction of everything.
	for round := 0; round < 2; round++ {
		err = session(path, options, func(ctx context.Context, store c1zstore.Store) error {
			if err := store.SetCurrentSync(ctx, syncID); err != nil {
				return err
			}
			for group := round; group < 60; group += 7 {
				for user := 0; user < 40; user++ {
					if err := store.DeleteGrant(ctx, grant(group, user*3+round, "").GetId()); err != nil {
						return err
					}
				}
			}
			if round == 0 {
				engine, ok := store.(interface{ PebbleEngine() *pebble.Engine })
				if !ok {
					return fmt.Errorf("the store has no engine to compact")
				}
				return engine.PebbleEngine().CompactAllRanges(ctx)
			}
			return store.PutGrants(ctx, grant(1, 1, "last"), grant(79, 2499, "last"))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// fill writes users, groups with an entitlement each, and the first members of each group; `mark` goes into names.
func fill(ctx context.Context, store c1zstore.Store, mark string, users, groups, members int) error {
	err := store.PutResourceTypes(ctx,
		v2.ResourceType_builder{Id: "user", DisplayName: "User", Traits: []v2.ResourceType_Trait{v2.ResourceType_TRAIT_USER}}.Build(),
		v2.ResourceType_builder{Id: "group", DisplayName: "Group " + mark}.Build())
	if err != nil {
		return err
	}
	var resources []*v2.Resource
	for user := 0; user < users; user++ {
		resources = append(resources, v2.Resource_builder{Id: userID(user), DisplayName: fmt.Sprintf("User %d %s", user, mark)}.Build())
	}
	for group := 0; group < groups; group++ {
		resource := v2.Resource_builder{Id: groupID(group), DisplayName: fmt.Sprintf("Group %d %s", group, mark)}
		if group > 0 {
			resource.ParentResourceId = groupID(group - 1)
		}
		resources = append(resources, resource.Build())
	}
	if err := store.PutResources(ctx, resources...); err != nil {
		return err
	}
	for group := 0; group < groups; group++ {
		if err := store.PutEntitlements(ctx, entitlement(group)); err != nil {
			return err
		}
	}
	var grants []*v2.Grant
	for group := 0; group < groups; group++ {
		for member := 0; member < members; member++ {
			// Every fifth group has its members from the end, so that principals do not come in order.
			user := member
			if group%5 == 4 {
				user = users - 1 - member
			}
			grants = append(grants, grant(group, user, mark))
			if len(grants) == batch {
				if err := store.PutGrants(ctx, grants...); err != nil {
					return err
				}
				grants = grants[:0]
			}
		}
	}
	return store.PutGrants(ctx, grants...)
}

func userID(user int) *v2.ResourceId {
	return v2.ResourceId_builder{ResourceType: "user", Resource: fmt.Sprintf("u%06d", user)}.Build()
}

func groupID(group int) *v2.ResourceId {
	return v2.ResourceId_builder{ResourceType: "group", Resource: fmt.Sprintf("g%05d", group)}.Build()
}

func entitlement(group int) *v2.Entitlement {
	id := fmt.Sprintf("group:g%05d:member", group)
	if group%10 == 9 {
		id = fmt.Sprintf("membership-%d", group) // an id that does not begin with its resource
	}
	return v2.Entitlement_builder{
		Id:          id,
		DisplayName: fmt.Sprintf("Member of %d", group),
		Slug:        "member",
		Purpose:     v2.Entitlement_PURPOSE_VALUE_ASSIGNMENT,
		Resource:    v2.Resource_builder{Id: groupID(group)}.Build(),
	}.Build()
}

func grant(group, user int, mark string) *v2.Grant {
	of := entitlement(group)
	built := v2.Grant_builder{
		Id:          fmt.Sprintf("%s:user:u%06d", of.GetId(), user),
		Entitlement: of,
		Principal:   v2.Resource_builder{Id: userID(user)}.Build(),
	}
	if mark == "third" && user%3 == 0 {
		built.Sources = v2.GrantSources_builder{
			Sources: map[string]*v2.GrantSources_GrantSource{of.GetId(): {}},
		}.Build()
	}
	return built.Build()
}
