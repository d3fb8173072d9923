package emulator

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"go.etcd.io/bbolt"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator/sharedfile"
	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"
)

// A dump is one JSON object: the format, the account, and for each Region the objects
// by collection and ID, in order, one on each line:
//
//	{"format": "...", "version": "1", "account": "123456789012", "regions": {
//	"us-east-1": {
//	"filters": {
//	"tmf-0123456789abcdef0": {"id": "tmf-0123456789abcdef0"}
//	}}}}
//
// A dump has no indexes and no counts, because Load makes them. So a change of an index
// does not change the version of a dump.
const dumpVersion = "1"

// Dump writes the contents of the store as JSON.
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

// text writes a text. The writer keeps the first error until Flush.
func (d *dumper) text(text string) { _, _ = d.w.WriteString(text) }

func (d *dumper) all(b *bbolt.Tx) error {
	d.text("{")
	d.member("format", quote(storeFormat.Mark))
	d.member("version", quote(dumpVersion))
	d.member("account", quote(string(sharedfile.Meta(b).Get(accountKey))))
	d.member("regions", []byte("{"))
	d.comma = false
	for _, region := range regionsOf(b) {
		if err := d.region(region, b.Bucket(regionBucket(region))); err != nil {
			return err
		}
	}
	d.text("}}\n")
	return nil
}

func (d *dumper) region(region string, b *bbolt.Bucket) error {
	d.member(region, []byte("{"))
	d.comma = false
	if hash := b.Get(topologyKey); hash != nil {
		d.member("topology", quote(string(hash)))
	}
	for _, c := range registry {
		if c.isDerived() {
			continue
		}
		if err := d.collection(c.name(), b.Bucket([]byte(c.name()))); err != nil {
			return err
		}
	}
	d.close()
	return nil
}

// collection writes the objects of a bucket, which an older file may lack.
func (d *dumper) collection(name string, b *bbolt.Bucket) error {
	d.member(name, []byte("{"))
	d.comma = false
	defer d.close()
	if b == nil {
		return nil
	}
	return b.ForEach(func(id, text []byte) error {
		d.member(string(id), text)
		return nil
	})
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

// dump is the outer part of a dump.
type dump struct {
	Format  string                                `json:"format"`
	Version string                                `json:"version"`
	Account string                                `json:"account"`
	Regions map[string]map[string]json.RawMessage `json:"regions"`
}

// Load fills an empty store with a dump. It loads the whole dump or nothing.
func (e *Emulator) Load(ctx context.Context, r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return fmt.Errorf("reading the dump: %w", err)
	}
	var read dump
	if text, err = topology.OneValue(text); err == nil {
		read, err = unmarshal[dump](text)
	}
	if err != nil {
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
			if err := loadRegion(e, b, region, content); err != nil {
				return fmt.Errorf("reading the dump: Region %s: %w", region, err)
			}
		}
		return nil
	})
}

func loadRegion(e *Emulator, b *bbolt.Tx, region string, content map[string]json.RawMessage) error {
	for name := range content {
		if name != "topology" && !slices.ContainsFunc(registry, func(c registered) bool { return c.name() == name && !c.isDerived() }) {
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
		for _, c := range registry {
			if err := loadAll(t, c, content[c.name()]); err != nil {
				return fmt.Errorf("%s: %w", c.name(), err)
			}
		}
		rewriteShortForms(t) // an older program may have made the dump
		makeDefaults(t)      // which a dump of an older version lacks
		numberDevices(t)
		return nil
	})
}

func loadAll(t *tx, c registered, text json.RawMessage) error {
	if text == nil {
		return nil
	}
	objects, err := unmarshal[map[string]json.RawMessage](text)
	if err != nil {
		return err
	}
	for id, object := range objects {
		if err := c.load(t, id, object); err != nil {
			return fmt.Errorf("%q: %w", id, err)
		}
	}
	return nil
}
