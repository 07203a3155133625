package rediscache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/portico-authz/portico/adapters/loopback"
	"github.com/portico-authz/portico/adapters/rediscache"
	"github.com/portico-authz/portico/engine"
)

// A call may take timeout; bound is where the tests lose patience. A connection
// may take longer than that (ten timeouts), a call not.
const (
	timeout = 100 * time.Millisecond
	bound   = 700 * time.Millisecond
)

// down returns a Redis that was killed, and a cache that has given up on it.
func down(t *testing.T) (*loopback.RedisServer, *rediscache.Cache) {
	t.Helper()
	server := loopback.Redis(t)
	c := open(t, addressesOf(server), rediscache.Options{Timeout: timeout})
	awaitSave(t, c)
	server.Kill(t)
	for range 10 {
		failsSoon(t, c)
	}
	wantState(t, c, rediscache.Open)
	return server, c
}

// Redis is down and comes back.
func TestDownAndUp(t *testing.T) {
	server, c := down(t)
	if err := c.Ready(t.Context()); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("ready: %v", err)
	}
	server.Restart(t)
	awaitSave(t, c)
	wantState(t, c, rediscache.Closed)
	if err := c.Ready(t.Context()); err != nil {
		t.Errorf("ready: %v", err)
	}
}

// A replica that nobody asks for decisions finds out by its readiness that Redis
// is back.
func TestReadyClosesTheBreaker(t *testing.T) {
	server, c := down(t)
	server.Restart(t)
	await(t, func() error {
		if err := c.Ready(t.Context()); err != nil {
			return err
		}
		if state := c.State(); state != rediscache.Closed {
			return fmt.Errorf("Redis is ready, and the breaker in state %d", state)
		}
		return nil
	})
}

// Something accepts connections and says nothing, with TLS or without.
func TestNothingAnswers(t *testing.T) {
	for name, opts := range map[string]rediscache.Options{
		"plain":    {},
		"TLS":      {TLS: true},
		"sentinel": {Mode: rediscache.Sentinel, Master: "main"},
		"cluster":  {Mode: rediscache.Cluster},
	} {
		t.Run(name, func(t *testing.T) {
			opts.Timeout = timeout
			c := open(t, []string{serve(t, func(net.Conn) {})}, opts)
			done := make(chan struct{})
			for range 20 {
				go func() {
					defer func() { done <- struct{}{} }()
					failsSoon(t, c)
				}()
			}
			for range 20 {
				<-done
			}
			for range 10 {
				failsSoon(t, c)
			}
			wantState(t, c, rediscache.Open)
		})
	}
}

// A failed call is not repeated, and an open breaker touches no connection.
func TestOpenTouchesNothing(t *testing.T) {
	var accepted atomic.Int64
	address := serve(t, func(conn net.Conn) {
		accepted.Add(1)
		_ = conn.Close()
	})
	c := open(t, []string{address}, rediscache.Options{Timeout: patient})
	for c.State() != rediscache.Open {
		failsSoon(t, c)
	}
	opened, before := time.Now(), accepted.Load()
	if before > 5 {
		t.Errorf("%d connections by five calls: they are repeated", before)
	}
	calls := 0
	for ; time.Since(opened) < 500*time.Millisecond; calls++ {
		failsSoon(t, c)
	}
	if n := accepted.Load() - before; n != 0 || calls < 100 {
		t.Errorf("%d connections by %d calls", n, calls)
	}
	await(t, func() error { // one call may try, after a second
		_, _ = c.Load(t.Context(), []string{"key"})
		if accepted.Load() == before {
			return errors.New("the breaker never tries again")
		}
		return nil
	})
	wantState(t, c, rediscache.Open)
}

// Redis stops in the midst. What it says when it goes on is nobody's answer.
func TestPause(t *testing.T) {
	server := loopback.Redis(t)
	c := open(t, addressesOf(server), rediscache.Options{Timeout: timeout})
	awaitSave(t, c)
	for range 3 {
		server.Pause(t)
		failsSoon(t, c)
		server.Resume(t)
		if got := awaitLoad(t, c, "unknown", "key"); got[0] != nil || string(got[1]) != "value" {
			t.Errorf("got %q", got)
		}
	}
}

// Replies that come too late are failures, in time.
func TestSlow(t *testing.T) {
	server := loopback.Redis(t)
	slow := relay(t, server.Address)
	c := open(t, []string{slow.address}, rediscache.Options{Timeout: timeout})
	awaitSave(t, c)
	slow.delay.Store(int64(time.Second))
	failsSoon(t, c)
	slow.delay.Store(0)
	awaitSave(t, c)
}

// Redis is so far away that shaking hands takes longer than a call may. The
// connection is made nevertheless.
func TestFar(t *testing.T) {
	server := loopback.Redis(t)
	far := relay(t, server.Address)
	far.delay.Store(int64(200 * time.Millisecond))
	c := open(t, []string{far.address}, rediscache.Options{Timeout: 500 * time.Millisecond})
	if _, err := c.Load(t.Context(), []string{"key"}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("the first call: want unavailable, got %v", err)
	}
	awaitSave(t, c)
}

// Callers that go away say nothing of Redis.
func TestCallersGoAway(t *testing.T) {
	for name, leave := range map[string]func(context.Context) (context.Context, context.CancelFunc){
		"too little time": func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 2*time.Millisecond)
		},
		"cancelled": func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(2*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := loopback.Redis(t)
			c := open(t, addressesOf(server), rediscache.Options{Timeout: timeout})
			awaitSave(t, c)
			server.Pause(t)
			for range 8 {
				ctx, cancel := leave(t.Context())
				if _, err := c.Load(ctx, []string{"key"}); engine.CodeOf(err) != engine.Unavailable {
					t.Errorf("load: want unavailable, got %v", err)
				}
				cancel()
			}
			wantState(t, c, rediscache.Closed)
		})
	}
}

func failsSoon(t *testing.T, c *rediscache.Cache) {
	t.Helper()
	began := time.Now()
	_, err := c.Load(t.Context(), []string{"a", "b"})
	if engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("load: want unavailable, got %v", err)
	}
	if took := time.Since(began); took > bound {
		t.Errorf("load: took %v", took)
	}
	began = time.Now()
	if err := c.Save(t.Context(), []engine.CacheItem{item("a")}); engine.CodeOf(err) != engine.Unavailable {
		t.Errorf("save: want unavailable, got %v", err)
	}
	if took := time.Since(began); took > bound {
		t.Errorf("save: took %v", took)
	}
}

// awaitSave saves item("key") as soon as Redis takes it.
func awaitSave(t *testing.T, c *rediscache.Cache) {
	t.Helper()
	await(t, func() error { return c.Save(t.Context(), []engine.CacheItem{item("key")}) })
}

func awaitLoad(t *testing.T, c *rediscache.Cache, keys ...string) (values [][]byte) {
	t.Helper()
	await(t, func() (err error) {
		values, err = c.Load(t.Context(), keys)
		return err
	})
	return values
}

func await(t *testing.T, call func() error) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		err := call()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// wantState checks the breaker's state. An open one may try again by now.
func wantState(t *testing.T, c *rediscache.Cache, want rediscache.State) {
	t.Helper()
	got := c.State()
	if got != want && (want != rediscache.Open || got != rediscache.HalfOpen) {
		t.Errorf("the breaker is in state %d, want %d", got, want)
	}
}

// relayed passes connections on, and what is answered with a delay.
type relayed struct {
	address string
	delay   atomic.Int64
}

func relay(t *testing.T, upstream string) *relayed {
	t.Helper()
	r := &relayed{}
	r.address = serve(t, func(down net.Conn) {
		up, err := new(net.Dialer).DialContext(t.Context(), "tcp", upstream)
		if err != nil {
			_ = down.Close()
			return
		}
		go func() {
			_, _ = io.Copy(up, down)
			_ = up.Close()
		}()
		go func() {
			buffer := make([]byte, 1<<16)
			for {
				n, err := up.Read(buffer)
				time.Sleep(time.Duration(r.delay.Load()))
				_, failed := down.Write(buffer[:n])
				if err != nil || failed != nil {
					_ = down.Close()
					return
				}
			}
		}()
	})
	return r
}

// serve calls handle for each connection, which is closed when the test ends.
func serve(t *testing.T, handle func(net.Conn)) (address string) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		var conns []net.Conn
		for {
			conn, err := l.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
			handle(conn)
		}
		for _, conn := range conns {
			_ = conn.Close()
		}
	}()
	return l.Addr().String()
}
