package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/mirror"
)

// A dump is one JSON object: what the file is, the account, and for each Region
// the objects by collection and ID, in their order, one a line:
//
//	{"format": "...", "version": "1", "account": "123456789012", "regions": {
//	"us-east-1": {
//	"filters": {
//	"tmf-0123456789abcdef0": {"id": "tmf-0123456789abcdef0"}
//	}}}}
//
// Indices and counts are not in it: Load makes them again, so that a dump has a
// version of its own.
const dumpVersion = "1"

// Dump writes everything that the store holds as JSON.
func (e *Emulator) Dump(ctx context.Context, w io.Writer) error {
	buffered := bufio.NewWriter(w)
	err := e.store.View(ctx, func(b *bbolt.Tx) error {
		d := dumper{w: buffered}
		return d.all(b)
	})
	return errors.Join(err, buffered.Flush())
}

// dumper writes JSON members.
type dumper struct {
	w     *bufio.Writer
	comma bool
}

// text writes a text. The writer keeps the first error until it is flushed.
func (d *dumper) text(text string) { _, _ = d.w.WriteString(text) }

func (d *dumper) all(b *bbolt.Tx) error {
	d.text("{")
	d.member("format", quote(storeFormat.Mark))
	d.member("version", quote(dumpVersion))
	d.member("account", quote(string(sharedfile.Meta(b).Get(accountKey))))
	d.member("regions", []byte("{"))
	d.comma = false
	err := b.ForEach(func(name []byte, bucket *bbolt.Bucket) error {
		region, isRegion := strings.CutPrefix(string(name), string(regionBucket("")))
		if !isRegion {
			return nil
		}
		return d.region(region, bucket)
	})
	d.text("}}\n")
	return err
}

func (d *dumper) region(region string, b *bbolt.Bucket) error {
	d.member(region, []byte("{"))
	d.comma = false
	if hash := b.Get(topologyKey); hash != nil {
		d.member("topology", quote(string(hash)))
	}
	for _, l := range loaders {
		d.member(l.name, []byte("{"))
		d.comma = false
		err := b.Bucket([]byte(l.name)).ForEach(func(id, text []byte) error {
			d.member(string(id), text)
			return nil
		})
		if err != nil {
			return err
		}
		d.close()
	}
	d.close()
	return nil
}

func (d *dumper) member(name string, value []byte) {
	if d.comma {
		d.text(",")
	}
	d.text("\n")
	d.text(string(quote(name)))
	d.text(": ")
	d.text(string(value))
	d.comma = true
}

func (d *dumper) close() {
	d.text("}")
	d.comma = true
}

func quote(text string) []byte {
	// A string can be marshaled.
	quoted, _ := json.Marshal(text)
	return quoted
}

// loader takes the objects of a collection back.
type loader struct {
	name string
	load func(t *tx, id string, text []byte) error
}

// loaders list the collections in an order in which what an object needs comes
// before it.
var loaders = []loader{
	plainLoader(vpcs), plainLoader(subnets), plainLoader(instances),
	{interfaces.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[networkInterface](text)
		interfaces.put(t, id, v)
		t.indexInterface(v)
		return errors.Join(err, sameID(id, v.ID))
	}},
	plainLoader(endpoints), plainLoader(loadBalancers),
	{targets.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[mirror.Target](text)
		if err == nil && v.OwnerID == t.account {
			targets.count(t, +1)
		}
		t.addTarget(v)
		return errors.Join(err, sameID(id, v.ID), v.Validate().Err())
	}},
	{filters.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[mirror.Filter](text)
		filters.count(t, +1)
		filters.put(t, id, v)
		return errors.Join(err, sameID(id, v.ID), v.Validate().Err())
	}},
	{rules.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[mirror.Rule](text)
		if err == nil {
			_, err = filters.need(t, v.FilterID)
		}
		if err == nil {
			err = t.checkRulePlace(v)
		}
		t.addRule(v)
		return errors.Join(err, sameID(id, v.ID), v.Validate().Err())
	}},
	{sessions.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[mirror.Session](text)
		if err == nil && v.VirtualNetworkID == nil {
			err = errors.New("it has no virtual_network_id")
		}
		if err = errors.Join(err, sameID(id, v.ID), v.Validate().Err()); err != nil {
			return err
		}
		return t.loadSession(v)
	}},
	plainLoader(tags),
	{tokens.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[clientToken](text)
		tokens.put(t, id, v)
		tokensByAge.set(t, "", ageKey(v.Created), id)
		return err
	}},
}

func (t *tx) loadSession(v mirror.Session) error {
	if v.OwnerID != t.account {
		_, err := targets.need(t, v.TargetID)
		t.loadForeignSession(v)
		return err
	}
	// With itself as what it was before, only what it refers to is checked.
	if err := t.checkSessionParts(v, v); err != nil {
		return err
	}
	sessions.count(t, +1)
	t.addSession(v)
	return nil
}

func plainLoader[T any](c collection[T]) loader {
	return loader{c.name, func(t *tx, id string, text []byte) error {
		v, err := unmarshal[T](text)
		c.put(t, id, v)
		return err
	}}
}

func unmarshal[T any](text []byte) (T, error) {
	var v T
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	err := d.Decode(&v)
	return v, err
}

func sameID(key, id string) error {
	if key != id {
		return fmt.Errorf("it has the ID %q", id)
	}
	return nil
}

// dump is what Load reads before it looks at objects.
type dump struct {
	Format  string                                `json:"format"`
	Version string                                `json:"version"`
	Account string                                `json:"account"`
	Regions map[string]map[string]json.RawMessage `json:"regions"`
}

// Load fills a store that holds nothing yet with what Dump wrote. It takes all of
// it or nothing.
func (e *Emulator) Load(ctx context.Context, r io.Reader) error {
	var read dump
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&read); err != nil {
		return fmt.Errorf("reading the dump: it is not what emulator dump prints: %w", err)
	}
	if read.Format != storeFormat.Mark || read.Version != dumpVersion {
		return fmt.Errorf("reading the dump: it is not one of version %s of this program, %q", dumpVersion, storeFormat.Mark)
	}
	return e.store.Update(ctx, func(b *bbolt.Tx) error {
		meta := sharedfile.Meta(b)
		if meta.Get(accountKey) != nil {
			return e.store.Explain(errors.New("it holds objects already: load the dump into a new file"))
		}
		if read.Account == "" {
			return nil
		}
		if err := meta.Put(accountKey, []byte(read.Account)); err != nil {
			return err
		}
		for region, content := range read.Regions {
			if err := e.loadRegion(b, region, content); err != nil {
				return fmt.Errorf("reading the dump: Region %s: %w", region, err)
			}
		}
		return nil
	})
}

func (e *Emulator) loadRegion(b *bbolt.Tx, region string, content map[string]json.RawMessage) error {
	for name := range content {
		if name != "topology" && !slices.ContainsFunc(loaders, func(l loader) bool { return l.name == name }) {
			return fmt.Errorf("there are no objects called %q", name)
		}
	}
	if err := e.prepare(b, region, newLoadedTopology(nil, nil)); err != nil {
		return err
	}
	if text, ok := content["topology"]; ok {
		hash, err := unmarshal[string](text)
		if err != nil {
			return err
		}
		if err := b.Bucket(regionBucket(region)).Put(topologyKey, []byte(hash)); err != nil {
			return err
		}
	}
	return e.on(b, region, nil, func(t *tx) error {
		for _, l := range loaders {
			if err := l.all(t, content[l.name]); err != nil {
				return fmt.Errorf("%s: %w", l.name, err)
			}
		}
		return nil
	})
}

func (l loader) all(t *tx, text json.RawMessage) error {
	if text == nil {
		return nil
	}
	objects, err := unmarshal[map[string]json.RawMessage](text)
	if err != nil {
		return err
	}
	for id, object := range objects {
		if err := l.load(t, id, object); err != nil {
			return fmt.Errorf("%q: %w", id, err)
		}
	}
	return nil
}
