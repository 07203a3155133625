package main

import (
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// versionView says what the binary was built from.
type versionView struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	SpiceDB string `json:"spicedb"`
	Go      string `json:"go"`
	System  string `json:"system"`
}

func newVersion(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use: "version", Short: "Print what this binary was built from",
		Example: `  portico version -o json`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			asJSON, err := c.json()
			if err != nil {
				return err
			}
			out, v := newPrinter(cmd.OutOrStdout()), builtFrom()
			if asJSON {
				out.json(v)
			} else {
				out.table([][]string{
					{"portico", v.Version}, {"commit", v.Commit}, {"spicedb", v.SpiceDB}, {"go", v.Go}, {"system", v.System},
				})
			}
			return out.err
		},
	}
	c.outputFlag(cmd)
	return cmd
}

func builtFrom() versionView {
	v := versionView{Version: "unknown", Commit: "unknown", SpiceDB: "unknown", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, m := range info.Deps {
		if m.Path == "github.com/authzed/spicedb" {
			v.SpiceDB = m.Version
		}
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			v.Commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			v.Commit += " with changes"
		}
	}
	return v
}
