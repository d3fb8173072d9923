//go:build unix

package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
)

// template is the state of one object, as Terraform has written it after an apply.
type template struct {
	file     map[string]any // the whole state
	resource map[string]any
	instance string // JSON
	id       string
}

// template returns the state of one object of a kind.
func (b *bench) template(c *contestant, kind string) (template, error) {
	if made, ok := c.templates[kind]; ok {
		return made, nil
	}
	made, err := b.makeTemplate(c, kind)
	if err != nil {
		return template{}, fmt.Errorf("making one %s by an apply: %w", c.prefix+kind, err)
	}
	c.templates[kind] = made
	return made, nil
}

func (b *bench) makeTemplate(c *contestant, kind string) (template, error) {
	folder, err := os.MkdirTemp(b.folder, "template-")
	if err != nil {
		return template{}, err
	}
	existing := without(kind)
	store, err := b.load(existing, folder)
	if err != nil {
		return template{}, err
	}
	one := world{regions: 1, filters: 1, rules: 1, targets: 1, sessions: 1, floors: 1, managed: []string{kind}}
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(one.config(c)), 0o600); err != nil {
		return template{}, err
	}
	server, err := b.serve(store, false)
	if err != nil {
		return template{}, err
	}
	_, err = b.terraformIn(folder, c, server.url, "apply", "-auto-approve")
	if _, stopped := server.stop(); err != nil || stopped != nil {
		return template{}, errors.Join(err, stopped)
	}
	return readTemplate(filepath.Join(folder, "terraform.tfstate"))
}

func readTemplate(name string) (t template, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return t, err
	}
	var read struct {
		Resources []struct{ Instances []map[string]any }
	}
	if err := errors.Join(json.Unmarshal(text, &t.file), json.Unmarshal(text, &read)); err != nil {
		return t, err
	}
	if len(read.Resources) != 1 || len(read.Resources[0].Instances) != 1 {
		return t, errors.New("the state has not one object")
	}
	all, _ := t.file["resources"].([]any)
	t.resource, _ = all[0].(map[string]any)
	instance := read.Resources[0].Instances[0]
	attributes, _ := instance["attributes"].(map[string]any)
	t.id, _ = attributes["id"].(string)
	if err := age(instance); err != nil {
		return t, err
	}
	text, err = json.Marshal(instance)
	t.instance = string(text)
	return t, err
}

// age takes the time of creation out of the private state: that of an object that was
// made a moment ago makes a provider try a read again.
func age(instance map[string]any) error {
	private, _ := instance["private"].(string)
	if private == "" {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(private)
	if err != nil {
		return err
	}
	values := map[string]any{}
	if err := json.Unmarshal(text, &values); err != nil {
		return err
	}
	delete(values, "created")
	text, err = json.Marshal(values)
	instance["private"] = base64.StdEncoding.EncodeToString(text)
	return err
}

// object is the state of the object of a world.
func (t template) object(w world, kind string, key, i int) (map[string]any, error) {
	// The Region and the ID are in ARNs too.
	replaced := strings.NewReplacer(t.id, w.id(kind, i), regions[0], w.region(i)).Replace(t.instance)
	var instance map[string]any
	if err := json.Unmarshal([]byte(replaced), &instance); err != nil {
		return nil, err
	}
	attributes, _ := instance["attributes"].(map[string]any)
	maps.Copy(attributes, w.fields(kind, i))
	instance["index_key"] = key
	return instance, nil
}

// writeState writes the state of a world, as it is after an apply.
func (b *bench) writeState(w world, c *contestant, name string) error {
	var file map[string]any
	var all []any
	for _, kind := range w.managed {
		made, err := b.template(c, kind)
		if err != nil {
			return err
		}
		for block := range w.blocks(c) {
			resource, err := made.resourceOf(w, c, kind, block)
			if err != nil {
				return err
			}
			all = append(all, resource)
		}
		file = maps.Clone(made.file)
	}
	file["resources"] = all
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}

func (t template) resourceOf(w world, c *contestant, kind string, block int) (map[string]any, error) {
	resource := maps.Clone(t.resource)
	blocks := w.blocks(c)
	resource["name"] = blockName(block)
	if block > 0 {
		resource["provider"] = fmt.Sprintf("%s.%s", resource["provider"], blockName(block))
	}
	var instances []any
	for key := range w.count(kind) / blocks {
		instance, err := t.object(w, kind, key, key*blocks+block)
		if err != nil {
			return nil, err
		}
		instances = append(instances, instance)
	}
	resource["instances"] = instances
	return resource, nil
}
