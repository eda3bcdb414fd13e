-- What a look at the world finds of the walls between networks.

ALTER TABLE gateway.drift DROP CONSTRAINT drift_kind_known;
ALTER TABLE gateway.drift ADD CONSTRAINT drift_kind_known CHECK (kind IN ('role_missing', 'role_differs', 'database_lost',
    'database_differs', 'network_missing', 'network_differs', 'network_duplicate', 'wall_missing', 'container_missing',
    'container_stopped', 'container_running', 'container_differs', 'route_missing', 'route_differs', 'route_mode', 'returned'));
