//! What OpenSC and `myna-card` do that we do not, and the other way round: the tables of `docs/comparison.md` are made
//! here, of what came over the card's line and of what each program said.

mod afterwards;
mod certificate;
mod finding;
mod lab;
mod programs;
mod tries;

use lab::Lab;
use programs::{Madoguchi, MynaCard, OpenSc, Outcome, Program};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_what_is_measured() {
    let mut lab = Lab::new(crate::stand::card("hanako"));
    let mut rows = Rows { programs: [Box::new(OpenSc), Box::new(MynaCard), Box::new(Madoguchi::new())], rows: vec![] };
    finding::measure(&mut lab, &mut rows);
    tries::measure(&mut lab, &mut rows);
    afterwards::measure(&mut lab, &mut rows);
    certificate::measure(&mut lab, &mut rows).await;
}

struct Rows {
    programs: [Box<dyn Program>; 3],
    rows: Vec<(String, [String; 3])>,
}

impl Rows {
    fn each(&mut self, behaviour: &str, mut measure: impl FnMut(&mut dyn Program) -> String) {
        let start = std::time::Instant::now();
        let cells = self.programs.each_mut().map(|program| measure(&mut **program));
        println!("{:?}", start.elapsed());
        self.put(behaviour, cells);
    }

    fn last(&mut self) -> &mut [String; 3] {
        &mut self.rows.last_mut().expect("a row").1
    }

    fn put(&mut self, behaviour: &str, cells: [String; 3]) {
        println!("| {behaviour} | {} |", cells.join(" | "));
        self.rows.push((behaviour.to_owned(), cells));
    }
}

/// What came of a signature.
fn outcome(lab: &Lab, outcome: &Outcome) -> String {
    match outcome {
        Ok(signature) if lab.verifies(signature) => "works".to_owned(),
        Ok(_) => "gives a signature that does not hold".to_owned(),
        Err(said) => said.clone(),
    }
}

fn commands(number: usize) -> String {
    format!("{number} command{}", if number == 1 { "" } else { "s" })
}
