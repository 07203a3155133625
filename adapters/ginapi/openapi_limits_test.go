package ginapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/portico-authz/portico/engine"
)

// bounds is what tests read of a number's schema, or of a list's.
type bounds struct{ Minimum, Maximum, MinItems, MaxItems float64 }

// limitsDocument is what tests read of limits in an OpenAPI document.
type limitsDocument struct {
	Paths map[string]map[string]struct {
		RequestBody *struct{ Description string } `json:"requestBody"`
		Responses   map[string]struct {
			Ref string `json:"$ref"`
		} `json:"responses"`
		Parameters []struct {
			Name   string
			Schema bounds
		} `json:"parameters"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Properties map[string]bounds
		} `json:"schemas"`
		Responses map[string]struct {
			Headers, Content map[string]any
		} `json:"responses"`
	} `json:"components"`
}

// TestDocumentTellsLimits: what is refused for its size, or for now, is told
// beforehand, in numbers that are the engine's.
func TestDocumentTellsLimits(t *testing.T) {
	d := open(t, nil)
	var doc limitsDocument
	if err := json.Unmarshal([]byte(d.document(t).raw), &doc); err != nil {
		t.Fatal(err)
	}
	pages := bounds{Minimum: 1, Maximum: engine.MaxPage}
	for path, item := range doc.Paths {
		for method, op := range item {
			for status, name := range map[string]string{"429": "TooMany", "503": "Unavailable"} {
				told := doc.Components.Responses[name]
				if op.Responses[status].Ref != "#/components/responses/"+name || told.Headers["Retry-After"] == nil || told.Content["application/problem+json"] == nil {
					t.Errorf("%s %s: %s isn't documented", method, path, status)
				}
			}
			if op.RequestBody != nil && !strings.Contains(op.RequestBody.Description, "MiB") {
				t.Errorf("%s %s: how large the body may be isn't documented", method, path)
			}
			for _, p := range op.Parameters {
				if p.Name == "limit" && p.Schema != pages {
					t.Errorf("%s %s: pages have %v, the engine's %v", method, path, p.Schema, pages)
				}
			}
		}
	}
	for name, want := range map[string]bounds{
		"BulkRequest.checks": {MinItems: 1, MaxItems: engine.MaxBulk}, "ResourcesRequest.limit": pages, "SubjectsRequest.limit": pages,
	} {
		request, property, _ := strings.Cut(name, ".")
		if got := doc.Components.Schemas[request].Properties[property]; got != want {
			t.Errorf("%s: %v is documented, the engine has %v", name, got, want)
		}
	}
}

// TestLimitsAreTold: who asks for more than there is learns how much there is.
func TestLimitsAreTold(t *testing.T) {
	d := open(t, nil)
	d.firm(t)
	const query = `{"resource":"partner:acme","permission":"enter","subject":"user:ana"}`
	for want, c := range map[string]call{
		"expected array length <= 10000": {method: "POST", path: "/v1/check/bulk", body: `{"checks":[` + query + strings.Repeat(","+query, engine.MaxBulk) + `]}`},
		"expected number <= 1000":        {method: "GET", path: "/v1/partners/acme/staff?limit=1001", as: "ana"},
		"expected number >= 1":           {method: "POST", path: "/v1/list/subjects", body: `{"resource":"partner:acme","permission":"enter","limit":-1}`},
	} {
		faults, _ := d.want(t, 400, c)["errors"].([]any)
		if len(faults) != 1 || faults[0].(map[string]any)["message"] != want {
			t.Errorf("%s: got %v, want %s", c.path, faults, want)
		}
	}
}
