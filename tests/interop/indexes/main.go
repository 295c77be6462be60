// c1z-indexes makes upstream's engine use every index of a c1z file, whichever version it is of.
//
//	c1z-indexes list FILE     prints what each listing gives, as JSON: children by parent, grants by principal and by
//	                          entitlement, grants that wait for expansion; opened read-only
//	c1z-indexes resave FILE   opens the file to write, changes it, takes the change back, and saves it
//	c1z-indexes expand FILE   runs upstream's own expansion over the file and saves it
//
// It is the judge of our files, so it decides nothing by itself.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"

	v2 "github.com/conductorone/baton-sdk/pb/c1/connector/v2"
	reader_v2 "github.com/conductorone/baton-sdk/pb/c1/reader/v2"
	"github.com/conductorone/baton-sdk/pkg/dotc1z"
	"github.com/conductorone/baton-sdk/pkg/dotc1z/c1zstore"
	"github.com/conductorone/baton-sdk/pkg/sdk"
	"github.com/conductorone/baton-sdk/pkg/sync"
)

func main() {
	commands := map[string]func(context.Context, string) error{"list": list, "resave": resave, "expand": expand}
	var command func(context.Context, string) error
	if len(os.Args) == 3 {
		command = commands[os.Args[1]]
	}
	if command == nil {
		fmt.Fprintln(os.Stderr, "usage: c1z-indexes list|resave|expand FILE")
		os.Exit(2)
	}
	if err := command(context.Background(), os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "c1z-indexes %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// open returns the store and the id of the sync that readers show.
func open(ctx context.Context, path string, readOnly bool) (c1zstore.Store, string, error) {
	store, err := dotc1z.NewStore(ctx, path, dotc1z.WithReadOnly(readOnly))
	if err != nil {
		return nil, "", fmt.Errorf("open %s: %w", path, err)
	}
	run, err := store.SyncMeta().LatestFinishedSyncOfAnyType(ctx)
	if err == nil && run == nil {
		err = fmt.Errorf("%s holds no finished sync", path)
	}
	if err == nil {
		err = store.SetCurrentSync(ctx, run.ID)
	}
	if err != nil {
		return nil, "", errors.Join(err, store.Close(ctx))
	}
	return store, run.ID, nil
}

// listings is the printed object: what was asked about, and the ids that came.
type listings struct {
	Children     map[string][]string `json:"children"`
	Principals   map[string][]string `json:"principals"`
	Entitlements map[string][]string `json:"entitlements"`
	Pending      []string            `json:"pending"`
}

func list(ctx context.Context, path string) (err error) {
	store, _, err := open(ctx, path, true)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(ctx)) }()
	found := listings{map[string][]string{}, map[string][]string{}, map[string][]string{}, []string{}}
	var resources []*v2.Resource
	err = pages(func(token string) (string, error) {
		page, err := store.ListResources(ctx,
			v2.ResourcesServiceListResourcesRequest_builder{PageToken: token}.Build())
		resources = append(resources, page.GetList()...)
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return err
	}
	for _, resource := range resources {
		err := pages(func(token string) (string, error) {
			page, err := store.ListResources(ctx, v2.ResourcesServiceListResourcesRequest_builder{
				ParentResourceId: resource.GetId(), PageToken: token}.Build())
			for _, child := range page.GetList() {
				add(found.Children, name(resource.GetId()), name(child.GetId()))
			}
			return page.GetNextPageToken(), err
		})
		if err != nil {
			return fmt.Errorf("children of %s: %w", name(resource.GetId()), err)
		}
		err = pages(func(token string) (string, error) {
			page, err := store.ListGrantsForPrincipal(ctx,
				reader_v2.GrantsReaderServiceListGrantsForPrincipalRequest_builder{
					PrincipalId: resource.GetId(), PageToken: token}.Build())
			for _, grant := range page.GetList() {
				add(found.Principals, name(resource.GetId()), grant.GetId())
			}
			return page.GetNextPageToken(), err
		})
		if err != nil {
			return fmt.Errorf("grants of %s: %w", name(resource.GetId()), err)
		}
	}
	var entitlements []*v2.Entitlement
	err = pages(func(token string) (string, error) {
		page, err := store.ListEntitlements(ctx,
			v2.EntitlementsServiceListEntitlementsRequest_builder{PageToken: token}.Build())
		entitlements = append(entitlements, page.GetList()...)
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return err
	}
	for _, entitlement := range entitlements {
		err := pages(func(token string) (string, error) {
			page, err := store.ListGrantsForEntitlement(ctx,
				reader_v2.GrantsReaderServiceListGrantsForEntitlementRequest_builder{
					Entitlement: entitlement, PageToken: token}.Build())
			for _, grant := range page.GetList() {
				add(found.Entitlements, entitlement.GetId(), grant.GetId())
			}
			return page.GetNextPageToken(), err
		})
		if err != nil {
			return fmt.Errorf("grants of %s: %w", entitlement.GetId(), err)
		}
	}
	for pending, err := range store.Grants().PendingExpansion(ctx) {
		if err != nil {
			return fmt.Errorf("grants to expand: %w", err)
		}
		found.Pending = append(found.Pending, fmt.Sprintf("%s on %s to %s:%s needs %t: %v", pending.GrantExternalID,
			pending.TargetEntitlementID, pending.PrincipalResourceTypeID, pending.PrincipalResourceID,
			pending.NeedsExpansion, pending.Annotation.GetEntitlementIds()))
	}
	for _, lists := range []map[string][]string{found.Children, found.Principals, found.Entitlements} {
		for _, ids := range lists {
			sort.Strings(ids)
		}
	}
	sort.Strings(found.Pending)
	return json.NewEncoder(os.Stdout).Encode(found)
}

func resave(ctx context.Context, path string) error {
	store, syncID, err := open(ctx, path, false)
	if err != nil {
		return err
	}
	// A type that is added and, as there is no way to delete one, a grant that is deleted and put back.
	page, err := store.ListGrants(ctx, v2.GrantsServiceListGrantsRequest_builder{PageSize: 1}.Build())
	if err == nil && len(page.GetList()) == 0 {
		err = errors.New("no grant to change")
	}
	if err == nil {
		grant := page.GetList()[0]
		err = store.DeleteGrant(ctx, grant.GetId())
		if err == nil {
			err = store.PutGrants(ctx, grant)
		}
	}
	if err == nil {
		err = store.SyncMeta().RecalculateStats(ctx, syncID)
	}
	return errors.Join(err, store.Close(ctx))
}

func expand(ctx context.Context, path string) error {
	store, syncID, err := open(ctx, path, false)
	if err != nil {
		return err
	}
	connector, err := sdk.NewEmptyConnector()
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	scratch, err := os.MkdirTemp("", "c1z-indexes")
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	defer os.RemoveAll(scratch)
	syncer, err := sync.NewSyncer(ctx, connector, sync.WithConnectorStore(store), sync.WithSyncID(syncID),
		sync.WithOnlyExpandGrants(), sync.WithCompactionMergedStore(), sync.WithTmpDir(scratch))
	if err != nil {
		return errors.Join(err, store.Close(ctx))
	}
	if err := syncer.Sync(ctx); err != nil {
		return errors.Join(err, syncer.Close(ctx))
	}
	return syncer.Close(ctx)
}

// pages calls list with one token after the other until there is no next one.
func pages(list func(token string) (next string, err error)) error {
	token := ""
	for {
		next, err := list(token)
		if err != nil || next == "" {
			return err
		}
		token = next
	}
}

func add(lists map[string][]string, key, id string) {
	lists[key] = append(lists[key], id)
}

func name(id *v2.ResourceId) string {
	return id.GetResourceType() + ":" + id.GetResource()
}
