//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// The kinds of objects, as they are called in the types of the resources.
const (
	kindTarget  = "target"
	kindFilter  = "filter"
	kindRule    = "filter_rule"
	kindSession = "session"
)

const (
	accountID      = "123456789012"
	rulesPerFilter = 10
	nameTag        = "bench" // of everything that a resource of each provider can tag
)

// regions are those that every account has.
var regions = []string{
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ap-south-1", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-southeast-1",
	"ap-southeast-2", "ca-central-1", "eu-central-1", "eu-west-1", "eu-west-2", "eu-west-3", "eu-north-1", "sa-east-1",
}

// world is what exists in EC2, and which kinds of it a configuration manages. An object
// with the index i is in the Region i modulo the number of Regions, and refers to objects
// of that Region. A rule with the index i belongs to the filter i/10.
type world struct {
	name                              string
	regions                           int
	filters, rules, targets, sessions int
	floors                            int // of terraform_data
	managed                           []string
}

func (w world) count(kind string) int {
	return map[string]int{kindFilter: w.filters, kindRule: w.rules, kindTarget: w.targets, kindSession: w.sessions, kindFloor: w.floors}[kind]
}

// objects is how many objects the configuration manages.
func (w world) objects() int {
	n := 0
	for _, kind := range w.managed {
		n += w.count(kind)
	}
	return n
}

func (w world) region(i int) string { return regions[i%w.regions] }

// without is what exists before the configuration makes its first object of a kind.
func without(kind string) world {
	w := world{regions: 1, filters: 1, targets: 1}
	switch kind {
	case kindFilter:
		w.filters = 0
	case kindTarget:
		w.targets = 0
	}
	return w
}

// IDs are the same as in the configuration.
func numbered(prefix string, i int) string { return fmt.Sprintf("%s-%017x", prefix, i+1) }

func filterID(i int) string  { return numbered("tmf", i) }
func ruleID(i int) string    { return numbered("tmfr", i) }
func targetID(i int) string  { return numbered("tmt", i) }
func sessionID(i int) string { return numbered("tms", i) }
func sourceID(i int) string  { return numbered("eni", i) }
func floorID(i int) string   { return fmt.Sprintf("00000000-0000-0000-0000-%012x", i) }
func sinkID(i int) string    { return fmt.Sprintf("eni-f%016x", i+1) }

// fields are the arguments of an object that differ from those of another.
func (w world) fields(kind string, i int) map[string]any {
	switch kind {
	case kindRule:
		return map[string]any{"traffic_mirror_filter_id": filterID(i / rulesPerFilter), "rule_number": i%rulesPerFilter + 1}
	case kindTarget:
		return map[string]any{"network_interface_id": sinkID(i)}
	case kindSession:
		return map[string]any{
			"network_interface_id": sourceID(i), "traffic_mirror_target_id": targetID(i % w.targets), "traffic_mirror_filter_id": filterID(i % w.filters),
			"virtual_network_id": 1000 + i,
		}
	}
	return nil
}

func (w world) id(kind string, i int) string {
	return map[string]func(int) string{kindFilter: filterID, kindRule: ruleID, kindTarget: targetID, kindSession: sessionID, kindFloor: floorID}[kind](i)
}

// contents are the objects of a store, by Region, collection and ID.
type contents map[string]map[string]map[string]any

func (c contents) put(region, collection, id string, object map[string]any) {
	if c[region] == nil {
		c[region] = map[string]map[string]any{}
	}
	if c[region][collection] == nil {
		c[region][collection] = map[string]any{}
	}
	c[region][collection][id] = object
}

// dump is the world in the form of emulator dump.
func (w world) dump() contents {
	c := contents{}
	for _, region := range regions[:w.regions] {
		vpc, subnet := numbered("vpc", slices.Index(regions, region)), numbered("subnet", slices.Index(regions, region))
		c.put(region, "vpcs", vpc, map[string]any{"id": vpc, "cidr_block": "10.0.0.0/16"})
		c.put(region, "subnets", subnet, map[string]any{"id": subnet, "vpc_id": vpc, "cidr_block": "10.0.0.0/16", "availability_zone": region + "a"})
	}
	for i := range max(w.sessions, 1) {
		w.putInterface(c, i, sourceID(i), numbered("i", i), "m5.large")
	}
	for i := range max(w.targets, 1) {
		w.putInterface(c, i, sinkID(i), fmt.Sprintf("i-f%016x", i+1), "m5.24xlarge") // which takes 100 sources
	}
	for _, kind := range []string{kindFilter, kindRule, kindTarget, kindSession} {
		for i := range w.count(kind) {
			w.putObject(c, kind, i)
		}
	}
	return c
}

func (w world) putInterface(c contents, i int, id, instance, instanceType string) {
	region := w.region(i)
	c.put(region, "instances", instance, map[string]any{"id": instance, "instance_type": instanceType, "state": "running"})
	c.put(region, "interfaces", id, map[string]any{
		"id": id, "owner_id": accountID, "instance_id": instance, "interface_type": "interface", "attach_time": "2025-01-01T00:00:00Z",
		"vpc_id": numbered("vpc", slices.Index(regions, region)), "subnet_id": numbered("subnet", slices.Index(regions, region)),
		"mac_address": fmt.Sprintf("02:%s:%02x:%02x:%02x:%02x", map[bool]string{true: "00", false: "01"}[instanceType == "m5.large"], byte(i>>24), byte(i>>16), byte(i>>8), byte(i)),
	})
}

func (w world) putObject(c contents, kind string, i int) {
	region, id, object := w.region(i), w.id(kind, i), w.fields(kind, i)
	if object == nil {
		object = map[string]any{}
	}
	object["id"] = id
	collection := kind + "s"
	switch kind {
	case kindFilter:
		object["description"] = "filter"
	case kindRule:
		collection, region = "rules", w.region(i/rulesPerFilter)
		object["traffic_direction"], object["rule_action"] = "ingress", "accept"
		object["source_cidr_block"], object["destination_cidr_block"] = "10.0.0.0/8", "0.0.0.0/0"
	case kindTarget:
		object["owner_id"] = accountID
	case kindSession:
		object["owner_id"], object["session_number"] = accountID, 1
	}
	c.put(region, collection, id, object)
	if kind != kindRule {
		c.put(region, "tags", id, map[string]any{"Name": nameTag})
	}
}

func (w world) writeDump(name string) error {
	text, err := json.Marshal(map[string]any{
		"format": "terraform-provider-trafficmirror emulator", "version": "1", "account": accountID, "regions": w.dump(),
	})
	if err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o600)
}
