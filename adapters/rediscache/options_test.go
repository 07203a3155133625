package rediscache_test

import (
	"strings"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
)

func TestNewRefuses(t *testing.T) {
	one, two := []string{"127.0.0.1:1"}, []string{"127.0.0.1:1", "127.0.0.1:2"}
	tests := map[string]struct {
		addresses []string
		opts      rediscache.Options
	}{
		"no address":                    {nil, rediscache.Options{}},
		"an address without a port":     {[]string{"redis"}, rediscache.Options{}},
		"two servers that stand alone":  {two, rediscache.Options{}},
		"an unknown mode":               {one, rediscache.Options{Mode: "ring"}},
		"Sentinels without a name":      {two, rediscache.Options{Mode: rediscache.Sentinel}},
		"a primary's name elsewhere":    {one, rediscache.Options{Master: "main"}},
		"Sentinels' password elsewhere": {one, rediscache.Options{SentinelPassword: "secret"}},
		"a user without a password":     {one, rediscache.Options{Username: "portico"}},
		"a Sentinel user without one":   {one, rediscache.Options{Mode: rediscache.Sentinel, Master: "main", SentinelUsername: "portico"}},
		"a database in a Cluster":       {two, rediscache.Options{Mode: rediscache.Cluster, Database: 1}},
		"one slot of a Cluster":         {two, rediscache.Options{Mode: rediscache.Cluster, Prefix: "{portico}:"}},
		"a negative database":           {one, rediscache.Options{Database: -1}},
		"a CA without TLS":              {one, rediscache.Options{CA: []byte("x")}},
		"a CA that is none":             {one, rediscache.Options{TLS: true, CA: []byte("x")}},
		"a negative timeout":            {one, rediscache.Options{Timeout: -1}},
		"negative connections":          {one, rediscache.Options{Connections: -1}},
		"a client name with spaces":     {one, rediscache.Options{ClientName: "portico here"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.opts.Password = strings.Repeat("hush", len(tt.opts.SentinelPassword)/6)
			c, err := rediscache.New(tt.addresses, &tt.opts)
			if engine.CodeOf(err) != engine.Invalid {
				t.Errorf("want invalid, got %v, %v", c, err)
			}
			if err != nil && (strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("it tells a password: %v", err)
			}
		})
	}
}

func TestNewNeedsNoRedis(t *testing.T) {
	for name, opts := range map[string]*rediscache.Options{
		"zero":       nil,
		"standalone": {Mode: rediscache.Standalone, Timeout: time.Second},
		"sentinel":   {Mode: rediscache.Sentinel, Master: "main"},
		"cluster":    {Mode: rediscache.Cluster},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := rediscache.New([]string{"127.0.0.1:1"}, opts)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Ready(t.Context()); engine.CodeOf(err) != engine.Unavailable {
				t.Errorf("ready: want unavailable, got %v", err)
			}
			if err := c.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
	}
}
