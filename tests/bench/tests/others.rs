//! Programs that others wrote, on the bench: they do their jobs, and nobody is quicker than the shortest list.

use bench::{Job, LINKS, PACES, Run, others, ours};

#[test]
fn no_program_of_others_reads_and_signs_more_quickly_than_we_do() {
    let others = others().expect("the bench");
    let ours = &ours()[0];
    let both: Vec<&Run> = others.iter().filter(|run| run.job == Job::Both).collect();
    assert!(both.len() >= 2, "{others:?}");
    for other in both {
        for ((link_name, link), (name, pace)) in
            LINKS.into_iter().flat_map(|link| PACES.into_iter().map(move |pace| (link, pace)))
        {
            let (here, there) = (ours.time(link, pace), other.time(link, pace));
            assert!(here < there, "{}, {link_name}, {name}: {here:?}, {there:?}", other.name);
        }
    }
    for run in &others {
        let shortest = run.job.shortest().expect("a list is published").len();
        assert!(run.pairs.len() >= shortest, "{}: {}", run.name, run.pairs.len());
    }
}
