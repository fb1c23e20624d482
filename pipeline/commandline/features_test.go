package commandline

import (
	"testing"

	"github.com/huntd/huntd/pipeline/internal/recorded"
)

func TestScalarFeatures(t *testing.T) {
	var golden struct {
		Input string
		Count int    `json:"delim_count"`
		Hash  uint32 `json:"delim_hash"`
		Sum   int    `json:"char_ord_score"`
		Sum10 int    `json:"char_ord_score_10"`
		Words int    `json:"token_count"`
		CRC   uint32 `json:"crc32_hash"`
	}
	recorded.JSON(t, recorded.Path(t, "golden", "cluster_scalar.json"), &golden)
	f := FeaturesOf(golden.Input)
	if f.Delimiters != golden.Count || f.DelimiterHash != golden.Hash || f.CharSum != golden.Sum || f.CharSum/10 != golden.Sum10 ||
		f.Words != golden.Words || f.Hash != golden.CRC {
		t.Errorf("got %+v, want %+v", f, golden)
	}
}

// TestProcessFeatures: the figures are MSTICPy's, the logarithms to the last bit.
func TestProcessFeatures(t *testing.T) {
	var golden []struct {
		NewProcessName, CommandLine                 string
		PathScore, CommandlineLen, CommandlineScore int
		CommandlineTokensFull                       int
		PathLogScore, CommandlineLogLen             float64
		PathHash, CommandlineTokensHash             uint32
	}
	recorded.JSON(t, recorded.Path(t, "golden", "cluster_features.json"), &golden)
	if len(golden) < 100 {
		t.Fatalf("%d rows only", len(golden))
	}
	for _, g := range golden {
		p, c := FeaturesOf(g.NewProcessName), FeaturesOf(g.CommandLine)
		if p.CharSum != g.PathScore || p.CharSumLog != g.PathLogScore || p.Hash != g.PathHash {
			t.Errorf("%s: got %+v, want %+v", g.NewProcessName, p, g)
		}
		if c.Length != g.CommandlineLen || c.LengthLog != g.CommandlineLogLen || c.Delimiters != g.CommandlineTokensFull ||
			c.CharSum != g.CommandlineScore || c.DelimiterHash != g.CommandlineTokensHash {
			t.Errorf("%s: got %+v, want %+v", g.CommandLine, c, g)
		}
	}
}
