//! `?_method=DELETE` on a POST form: plain HTML can say PUT, PATCH and DELETE too.

use actix_web::dev::ServiceRequest;
use actix_web::http::Method;

/// Replaces the method before routing. Anything but PUT, PATCH and DELETE is left to be a POST.
pub fn override_by_form(req: &mut ServiceRequest) {
    if req.method() != Method::POST {
        return;
    }
    let wanted = req
        .query_string()
        .split('&')
        .find_map(|pair| pair.strip_prefix("_method="));
    let method = match wanted {
        Some("PUT") => Method::PUT,
        Some("PATCH") => Method::PATCH,
        Some("DELETE") => Method::DELETE,
        _ => return,
    };
    req.head_mut().method = method;
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn method_of(req: TestRequest) -> Method {
        let mut req = req.to_srv_request();
        override_by_form(&mut req);
        req.method().clone()
    }

    #[test]
    fn a_post_form_can_say_put_patch_and_delete_and_a_get_nothing() {
        assert_eq!(
            method_of(TestRequest::post().uri("/x?a=1&_method=DELETE")),
            Method::DELETE
        );
        assert_eq!(
            method_of(TestRequest::post().uri("/x?_method=GET")),
            Method::POST
        );
        assert_eq!(
            method_of(TestRequest::get().uri("/x?_method=DELETE")),
            Method::GET
        );
    }
}
