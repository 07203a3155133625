package rediscache_test

import (
	"fmt"
	"testing"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
)

// When Sentinel promotes a replica, the cache is there.
func TestSentinelFailover(t *testing.T) {
	primary := loopback.Redis(t)
	replica := loopback.RedisReplica(t, primary)
	sentinel := loopback.RedisSentinel(t, "main", primary, []*loopback.RedisServer{replica})
	c := open(t, addressesOf(sentinel), rediscache.Options{Mode: rediscache.Sentinel, Master: "main", Timeout: timeout})
	awaitSave(t, c)
	primary.Kill(t)
	replica.AwaitInfo(t, "replication", "role:master")
	replica.FlushAll(t)
	awaitSave(t, c)
	if got := replica.Do(t, "DBSIZE"); got != int64(1) {
		t.Errorf("the replica has %v keys, want 1", got)
	}
}

// A key that moves to another node of a Cluster is found there, within the call.
func TestClusterMoved(t *testing.T) {
	nodes := loopback.RedisCluster(t)
	c := open(t, addressesOf(nodes[0]), rediscache.Options{Mode: rediscache.Cluster, Timeout: patient})
	if _, err := c.Load(t.Context(), []string{"key"}); err != nil { // it knows the slots
		t.Fatal(err)
	}
	slot := nodes[0].Do(t, "CLUSTER", "KEYSLOT", "key").(int64)
	to := nodes[0]
	if slot < 16384/3 { // it is there already
		to = nodes[1]
	}
	id := to.Do(t, "CLUSTER", "MYID")
	for _, node := range nodes {
		node.Do(t, "CLUSTER", "SETSLOT", slot, "NODE", id)
	}
	if err := c.Save(t.Context(), []engine.CacheItem{item("key"), item("a"), item("b"), item("c")}); err != nil {
		t.Fatal(err)
	}
	values, err := c.Load(t.Context(), []string{"a", "key", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range values {
		if string(value) != "value" {
			t.Errorf("value %d: got %q", i, value)
		}
	}
	if got := to.Do(t, "GET", "key"); got != "value" {
		t.Errorf("the node that it moved to has %v", got)
	}
}

// A node that is gone tells nobody who has its keys now.
func TestClusterNodeReplaced(t *testing.T) {
	nodes := loopback.RedisCluster(t)
	c := open(t, addressesOf(nodes...), rediscache.Options{Mode: rediscache.Cluster, Timeout: timeout})
	awaitSave(t, c)
	slot := nodes[0].Do(t, "CLUSTER", "KEYSLOT", "key").(int64)
	gone := int(slot * 3 / 16384)
	nodes[gone].Kill(t)
	heir := nodes[(gone+1)%3]
	id := heir.Do(t, "CLUSTER", "MYID")
	for i, node := range nodes {
		if i != gone {
			node.Do(t, "CLUSTER", "SETSLOT", slot, "NODE", id)
		}
	}
	awaitSave(t, c)
	if got := heir.Do(t, "GET", "key"); got != "value" {
		t.Errorf("the node that has the slot now has %v", got)
	}
}

// Without one of its nodes a Cluster answers for the other keys; a call that
// needs the node fails as a whole. After enough of those the breaker opens.
func TestClusterNodeDown(t *testing.T) {
	nodes := loopback.RedisCluster(t)
	c := open(t, addressesOf(nodes...), rediscache.Options{Mode: rediscache.Cluster, Timeout: timeout})
	awaitSave(t, c)
	keys := make([]string, 60)
	for i := range keys {
		keys[i] = fmt.Sprint("key ", i)
	}
	awaitLoad(t, c, keys...)
	nodes[2].Kill(t)
	if values, err := c.Load(t.Context(), keys); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("all keys: want unavailable, got %d values, %v", len(values), err)
	}
	answered := 0
	for _, key := range keys {
		if _, err := c.Load(t.Context(), []string{key}); err == nil {
			answered++
		}
	}
	if answered == 0 {
		t.Error("no key of the other nodes was answered")
	}
	wantState(t, c, rediscache.Open)
}
