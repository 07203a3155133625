package loopback

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// redisSlots is how many hash slots a Cluster has.
const redisSlots = 16384

// RedisCluster runs three primaries that share the keys, and returns when each
// knows that all are there. It goes on without the keys of a node that is down.
func RedisCluster(t testing.TB, opts ...RedisOption) []*RedisServer {
	t.Helper()
	nodes := make([]*RedisServer, 3)
	buses := make([]string, len(nodes))
	for i := range nodes {
		buses[i] = strconv.Itoa(steadyPort(t))
		nodes[i] = Redis(t, slices.Concat(opts, []RedisOption{RedisWithFlags(
			"--cluster-enabled", "yes", "--cluster-port", buses[i],
			"--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no",
		)})...)
	}
	for i, node := range nodes {
		first, end := redisSlots*i/len(nodes), redisSlots*(i+1)/len(nodes)
		node.Do(t, "CLUSTER", "ADDSLOTSRANGE", first, end-1)
		node.Do(t, "CLUSTER", "SET-CONFIG-EPOCH", i+1)
	}
	for _, node := range nodes {
		var asked time.Time
		node.await(t, "in the Cluster", func() (bool, error) {
			if time.Since(asked) > 5*time.Second { // on a busy machine they may give up on each other
				asked = time.Now()
				for i, other := range nodes {
					host, port, _ := strings.Cut(other.Address, ":")
					node.Do(t, "CLUSTER", "MEET", host, port, buses[i])
				}
			}
			info, err := node.client.ClusterInfo(t.Context()).Result()
			all := strings.Contains(info, "cluster_slots_ok:"+strconv.Itoa(redisSlots))
			return all && strings.Contains(info, "cluster_state:ok"), err
		})
	}
	return nodes
}
