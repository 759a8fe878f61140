use rollcall::demo::{Parameters, prepare};
use std::time::Instant;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let p = Parameters { agents: a[2].parse().unwrap(), calls: a[3].parse().unwrap(), days: a[4].parse().unwrap(), seed: 1 };
    let now = rollcall::domain::time::Clock::system().now();
    let t = Instant::now();
    let r = prepare(&a[1].parse().unwrap(), p, now);
    println!("{r:?} {:?}", t.elapsed());
}
