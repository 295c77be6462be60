// c1z-rows prints what upstream's reader finds in a c1z file: one JSON object with the finished sync that readers
// show, the number of rows per kind as listed (not as cached in the file), and every id, sorted.
//
// It uses baton-sdk like any program would; it is the judge of our files, so it decides nothing by itself.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sort"

	v2 "github.com/conductorone/baton-sdk/pb/c1/connector/v2"
	"github.com/conductorone/baton-sdk/pkg/dotc1z"
	"github.com/conductorone/baton-sdk/pkg/dotc1z/c1zstore"
)

// grant holds the identity of one grant and what expansion says about it.
type grant struct {
	ID          string   `json:"id"`
	Entitlement string   `json:"entitlement"`
	Principal   string   `json:"principal"`
	Sources     []string `json:"sources,omitempty"`
}

// rows is the printed object. Resources are named `type:id`, everything else by its own id.
type rows struct {
	SyncID        string         `json:"syncId"`
	SyncType      string         `json:"syncType"`
	Counts        map[string]int `json:"counts"`
	ResourceTypes []string       `json:"resourceTypes"`
	Resources     []string       `json:"resources"`
	Entitlements  []string       `json:"entitlements"`
	Grants        []grant        `json:"grants"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: c1z-rows FILE")
		os.Exit(2)
	}
	found, err := read(context.Background(), os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "c1z-rows:", err)
		os.Exit(1)
	}
}

func read(ctx context.Context, path string) (found *rows, err error) {
	store, err := dotc1z.NewStore(ctx, path, dotc1z.WithReadOnly(true))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { err = errors.Join(err, store.Close(ctx)) }()

	run, err := store.SyncMeta().LatestFinishedSyncOfAnyType(ctx)
	if err != nil {
		return nil, err
	}
	if run == nil {
		return nil, fmt.Errorf("%s holds no finished sync", path)
	}
	if err := store.SetCurrentSync(ctx, run.ID); err != nil {
		return nil, err
	}

	found = &rows{SyncID: run.ID, SyncType: string(run.Type)}
	if err := found.collect(ctx, store); err != nil {
		return nil, err
	}
	found.Counts = map[string]int{
		"resourceTypes": len(found.ResourceTypes),
		"resources":     len(found.Resources),
		"entitlements":  len(found.Entitlements),
		"grants":        len(found.Grants),
	}
	return found, nil
}

// collect lists the four kinds of rows to their last page and sorts them.
func (r *rows) collect(ctx context.Context, store c1zstore.Store) error {
	err := pages(func(token string) (string, error) {
		page, err := store.ListResourceTypes(ctx,
			v2.ResourceTypesServiceListResourceTypesRequest_builder{PageToken: token}.Build())
		for _, resourceType := range page.GetList() {
			r.ResourceTypes = append(r.ResourceTypes, resourceType.GetId())
		}
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return fmt.Errorf("resource types: %w", err)
	}

	err = pages(func(token string) (string, error) {
		page, err := store.ListResources(ctx,
			v2.ResourcesServiceListResourcesRequest_builder{PageToken: token}.Build())
		for _, resource := range page.GetList() {
			r.Resources = append(r.Resources, name(resource.GetId()))
		}
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return fmt.Errorf("resources: %w", err)
	}

	err = pages(func(token string) (string, error) {
		page, err := store.ListEntitlements(ctx,
			v2.EntitlementsServiceListEntitlementsRequest_builder{PageToken: token}.Build())
		for _, entitlement := range page.GetList() {
			r.Entitlements = append(r.Entitlements, entitlement.GetId())
		}
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return fmt.Errorf("entitlements: %w", err)
	}

	err = pages(func(token string) (string, error) {
		page, err := store.ListGrants(ctx, v2.GrantsServiceListGrantsRequest_builder{PageToken: token}.Build())
		for _, listed := range page.GetList() {
			r.Grants = append(r.Grants, describe(listed))
		}
		return page.GetNextPageToken(), err
	})
	if err != nil {
		return fmt.Errorf("grants: %w", err)
	}

	sort.Strings(r.ResourceTypes)
	sort.Strings(r.Resources)
	sort.Strings(r.Entitlements)
	sort.Slice(r.Grants, func(a, b int) bool { return r.Grants[a].ID < r.Grants[b].ID })
	return nil
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

func describe(listed *v2.Grant) grant {
	described := grant{
		ID:          listed.GetId(),
		Entitlement: listed.GetEntitlement().GetId(),
		Principal:   name(listed.GetPrincipal().GetId()),
	}
	for source := range listed.GetSources().GetSources() {
		described.Sources = append(described.Sources, source)
	}
	sort.Strings(described.Sources)
	return described
}

func name(id *v2.ResourceId) string {
	return id.GetResourceType() + ":" + id.GetResource()
}
