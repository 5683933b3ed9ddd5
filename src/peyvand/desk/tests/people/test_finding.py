"""The command box: customers and acts, only what the role may open."""

from peyvand.customers.tests.telling import order, who
from peyvand.desk.tests.people.conftest import customer, page

FIND = "/w/sofalineh/find/"


def found(client, query: str) -> list[dict[str, str]]:
    response = client.get(FIND, {"q": query})
    assert response["Content-Type"] == "application/json"
    return response.json()


def test_a_customer_is_found_by_name_phone_and_spelling(tell, enter):
    tell(order(who("09120000012", name="نگار صبوری‌فر")))
    client = enter("agent")
    expected = {
        "group": "Customers",
        "label": "نگار صبوری‌فر",
        "detail": "\u2066+98 912 000 0012\u2069",
        "url": page(customer("نگار صبوری‌فر")),
        "icon": "person",
    }
    for query in ("صبوري", "0012", "۰۹۱۲۰۰۰۰۰۱۲"):
        assert found(client, query) == [expected]
    assert found(client, " ") == []


def test_a_phone_number_found_is_grouped_and_in_the_digits_of_the_reader(tell, enter):
    tell(order(who("09120000012", name="نگار")))
    assert found(enter("agent", language="fa"), "نگار")[0]["detail"] == "\u2066۰۹۱۲ ۰۰۰ ۰۰۱۲\u2069"


def test_acts_are_found_by_their_words_and_by_role(brand, enter):
    assert [one["label"] for one in found(enter("agent"), "add a cust")] == ["Add a customer"]
    assert [one["url"] for one in found(enter("agent"), "مشتری تازه")] == ["/w/sofalineh/customers/new/"]
    assert found(enter("analyst"), "add a cust") == []


def test_a_viewer_finds_no_customers(tell, enter):
    tell(order(who("09120000012", name="نگار")))
    assert found(enter("viewer"), "نگار") == []


def test_pages_of_the_settings_are_found_by_their_names_and_only_by_who_may_open_them(brand, enter):
    manager, agent = enter("manager"), enter("agent")
    found = [one["label"] for one in manager.get("/w/sofalineh/find/?q=holidays").json()]
    assert "Holidays" in found
    assert agent.get("/w/sofalineh/find/?q=holidays").json() == []
